"""Does the service keep what its OpenAPI description says, whatever it is sent?

    python -m benchmarks.schemathesis_run [--requests 20000] [--placements 3000] [--seed 1] [--report FOLDER]

Schemathesis with all checks against `risk-service serve` on a simulated register, with a key of each kind in turn,
until so many requests were sent. Prints requests, answers by class and failures; exits 1 where there is any failure.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.live_service import BIN, REPOSITORY, LiveService

ROLES = ("national", "admin", "system", "supervisor", "inspector")
EXAMPLES = 30
"""Cases of each operation, phase and mode in one run; runs are repeated with another seed until it is enough."""
UNTESTED = ("positive_data_acceptance",)
"""A body that is valid by itself may name what is not there, or what the caller may not do (403, 404, 409, 412)."""

SETTINGS = """
[[operations]]
include-path = "/v1/scores/batch"
checks.negative_data_rejection.enabled = false  # each row is answered in its place, a bad one by its problem

[[operations]]
include-path = "/v1/keys/{key_id}"
enabled = false  # schemathesis would revoke the key it is known by

[[operations]]
include-path = "/health/ready"
checks.not_a_server_error.enabled = false  # 503 is how it says that something needs repair
"""


def main() -> None:
    """Print one line per run, and what failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--placements", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=EXAMPLES)
    parser.add_argument("--roles", nargs="+", default=ROLES)
    parser.add_argument("--model-dir", type=Path, help="release to serve; default: models/champion")
    parser.add_argument("--public-key", type=Path)
    parser.add_argument("--report", type=Path, help="folder that keeps what schemathesis printed")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="risk-schemathesis-") as folder:
        service = LiveService(
            Path(folder),
            model_dir=asked.model_dir,
            public_key=asked.public_key,
            caller_rate=100_000,
            caller_burst=100_000,
            requests_in_work=64,
        )
        keys = service.prepare(placements=asked.placements)
        service.start()
        sent, failed, seed = 0, 0, asked.seed
        while sent < asked.requests:
            for role in asked.roles:
                answers, failures = run(service.port, keys[role], seed, asked, Path(folder) / f"{role}-{seed}")
                sent, failed = sent + answers.total(), failed + failures
                told = " ".join(f"{kind} {number}" for kind, number in sorted(answers.items()))
                print(
                    f"{role:<11} seed {seed}: {answers.total():>6} requests ({told}), {failures} failures", flush=True
                )
            seed += 1
        service.stop()
        if asked.report:
            kept = shutil.ignore_patterns("*.db*", "keys", "data")
            shutil.copytree(folder, asked.report, dirs_exist_ok=True, ignore=kept)
    print(f"{sent} requests, {failed} failures")
    sys.exit(bool(failed))


def run(port: int, key: str, seed: int, asked: argparse.Namespace, out: Path) -> tuple[Counter[str], int]:
    """Run schemathesis once; return answers by class of status, and how many kinds of failure there were."""
    out.mkdir()
    (out / "schemathesis.toml").write_text(SETTINGS, encoding="utf-8")
    words = [
        str(BIN / "schemathesis"),
        "--config-file",
        str(out / "schemathesis.toml"),
        "run",
        f"http://127.0.0.1:{port}/openapi.json",
        "--no-color",
    ]
    words += ["--checks", "all", "--exclude-checks", ",".join(UNTESTED), "--header", f"Authorization: Bearer {key}"]
    # one worker: with two, Python 3.11 now and then fails to read the source of a strategy (AST recursion depth)
    words += ["--max-examples", str(asked.examples), "--seed", str(seed), "--workers", "1", "--continue-on-failure"]
    words += ["--phases", "examples,coverage,fuzzing,stateful", "--generation-database", "none", "--warnings", "off"]
    words += ["--report", "ndjson", "--report-ndjson-path", str(out / "events.ndjson")]
    with (out / "printed.txt").open("w") as printed:
        hooks = {**os.environ, "SCHEMATHESIS_HOOKS": "benchmarks.schemathesis_hooks", "PYTHONPATH": str(REPOSITORY)}
        done = subprocess.run(words, env=hooks, stdout=printed, stderr=subprocess.STDOUT, check=False, cwd=out)
    return answers_in(out / "events.ndjson"), failures_in(out / "printed.txt", done.returncode)


def answers_in(report: Path) -> Counter[str]:
    """Count the answers by class of status."""
    counted: Counter[str] = Counter()
    for line in report.read_text(encoding="utf-8").splitlines():
        scenario = json.loads(line).get("ScenarioFinished")
        if scenario:
            for interaction in scenario["recorder"].get("interactions", {}).values():
                response = interaction.get("response")
                counted[f"{response['status_code'] // 100}xx" if response else "none"] += 1
    return counted


def failures_in(printed: Path, code: int) -> int:
    """Count the failures that schemathesis tells of; at least one where it ended badly.

    Each begins its line; further in stand the names of its reports.
    """
    told = sum(line.startswith("- ") for line in printed.read_text(encoding="utf-8").splitlines())
    return max(told, int(code != 0)) if code else 0


if __name__ == "__main__":
    main()
