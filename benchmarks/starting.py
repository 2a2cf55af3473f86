"""How soon is the service ready, how much memory does a worker hold, and how soon does the command line answer?

    python -m benchmarks.starting [--quick]

The service with one and with two workers on a register that was imported before, until /health/ready says so; the
memory is what the workers hold after they have scored, shared pages counted once (PSS).
"""

import os
import subprocess
import time
from dataclasses import replace
from functools import partial

from benchmarks.live_service import BIN
from benchmarks.served_model import placement_rows, prepared_service
from benchmarks.servers import Server, ours, started
from benchmarks.sitting import MEBIBYTE, Asked, Part, asked, figure, in_rounds, judged, told
from benchmarks.wire import drive

WARM_SECONDS = 2.0
COMPILED_ONCE = {"PYTHONDONTWRITEBYTECODE": ""}
"""Whatever this machine says, Python keeps what it compiled, as an installed package is; peers are installed."""
WORKERS = 2
READY_BAR, MEMORY_BAR, HELP_BAR = 2.0, 150.0, 0.5


def ready(server: Server, workers: int) -> dict[str, float]:
    """Start the service; return the seconds until it is ready, and the memory per worker after it has scored."""
    environment = {**server.environment, **COMPILED_ONCE, "RISK_WORKERS": str(workers)}
    server = replace(server, environment=environment, probe="/health/ready")
    with started(server) as running:
        drive(running.port, server.requests(), seconds=WARM_SECONDS)
        held = running.memory()
        one = max(each.memory_full_info().pss for each in running.processes())
        return {"ready": running.first_answer, "a worker": one / MEBIBYTE, "all": held / MEBIBYTE}


def helped(command: str) -> dict[str, float]:
    """Return the seconds that `COMMAND --help` takes."""
    begun = time.monotonic()
    environment = {**os.environ, **COMPILED_ONCE}
    subprocess.run([str(BIN / command), "--help"], check=True, stdout=subprocess.DEVNULL, env=environment)
    return {"help": time.monotonic() - begun}


def part(given: Asked) -> Part:
    """Measure in rounds; return the table."""
    service, keys = prepared_service(given)
    server = ours(service, keys["national"], placement_rows(service))
    turns = {
        "1 worker": partial(ready, server, 1),
        f"{WORKERS} workers": partial(ready, server, WORKERS),
    }
    found = in_rounds(given.rounds, turns)
    said = in_rounds(given.rounds, {name: partial(helped, name) for name in ("risk-model", "risk-service")})
    one = found["1 worker"]
    return Part(
        "starting",
        "Start and memory",
        ("what", "ready s", "largest process MiB", "all processes MiB"),
        (
            *((name, *map(figure, (each["ready"], each["a worker"], each["all"]))) for name, each in found.items()),
            *((f"{name} --help", figure(each["help"]), "–", "–") for name, each in said.items()),
        ),
        (
            judged("ready", one["ready"], READY_BAR, at_most=True, unit=" s"),
            judged("memory of a worker", one["a worker"], MEMORY_BAR, at_most=True, unit=" MiB"),
            *(judged(f"{name} --help", each["help"], HELP_BAR, at_most=True, unit=" s") for name, each in said.items()),
        ),
    )


if __name__ == "__main__":
    print(told(part(asked(about=__doc__))))
