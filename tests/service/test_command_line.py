"""risk-service: one clear message where something is wrong, and nothing half done."""

import json
import os
import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def environment(folder: Path, release: Path, **others: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RISK_")}
    return kept | {
        "RISK_DATABASE_URL": f"sqlite:///{folder / 'service.db'}",
        "RISK_MODEL_DIR": str(release / "champion"),
        "RISK_PUBLIC_KEY": str(release / "keys" / "release_key.pub"),
        **others,
    }


def risk_service(*words: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "service.main", *words],
        cwd=REPOSITORY,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_data_set_is_imported_and_the_page_opens_with_a_list(tmp_path: Path, release: Path, data_set: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    env = environment(tmp_path, release, RISK_PORT=port)
    done = risk_service("import", "--data", str(data_set), "--first-list", "BP3MI-NTT", env=env)
    assert done.returncode == 0, done.stderr
    assert "61 placements as of 2025-12-03 (simulated), scored by placement-risk-1" in done.stdout
    server = subprocess.Popen(
        [sys.executable, "-m", "service.main", "serve"], cwd=REPOSITORY, env=env, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        assert f"http://127.0.0.1:{port}/" in server.stdout.readline()
        page = open_page(f"http://127.0.0.1:{port}/")
    finally:
        server.terminate()
        assert server.wait(timeout=20) in (0, -15)
        server.stdout.close()
    assert "BP3MI Nusa Tenggara Timur" in page


def open_page(address: str) -> str:
    # the socket listens before the address is printed, so a request waits in its queue and needs no retry
    with urllib.request.urlopen(address, timeout=30) as answer:
        return str(answer.read().decode())


def test_a_port_in_use_is_one_message_that_names_the_setting(tmp_path: Path, release: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = risk_service("serve", env=environment(tmp_path, release, RISK_PORT=str(port)))
    assert done.returncode == 1
    assert re.fullmatch(rf"error: port {port} of 127\.0\.0\.1 is in use.*RISK_PORT={port + 1}\n", done.stderr)
    assert not (tmp_path / "service.db").exists(), "nothing was begun"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("import", "--data", "nowhere"), "nowhere: no such folder"),
        (("import", "--data", "nowhere", "--first-list", "BP3MI-NTB"), "did you mean 'BP3MI-NTT'?"),
    ],
)
def test_what_cannot_be_imported_is_one_message(
    tmp_path: Path, release: Path, words: tuple[str, ...], said: str
) -> None:
    done = risk_service(*words, env=environment(tmp_path, release))
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_bad_usage_exits_with_two(tmp_path: Path, release: Path) -> None:
    assert risk_service("import", env=environment(tmp_path, release)).returncode == 2


def test_tables_are_made_on_demand(tmp_path: Path, release: Path) -> None:
    done = risk_service("migrate", env=environment(tmp_path, release))
    assert (done.returncode, (tmp_path / "service.db").exists()) == (0, True)


def test_the_description_in_the_repository_is_that_of_the_application(tmp_path: Path, release: Path) -> None:
    done = risk_service("openapi", env=environment(tmp_path, release))
    kept = (REPOSITORY / "docs" / "openapi.json").read_text(encoding="utf-8")
    assert json.loads(done.stdout) == json.loads(kept), "run: risk-service openapi > docs/openapi.json"


def test_the_service_loads_no_model_library() -> None:
    script = (
        "import sys, service.main, service.migrations.versions\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'mlflow', 'sklearn', 'joblib', 'matplotlib'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
