"""risk-service: one clear message where something is wrong, and nothing half done."""

import io
import json
import os
import re
import socket
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from service.main import main

REPOSITORY = Path(__file__).resolve().parents[2]


class CommandLine:
    """risk-service in this process, with an environment of its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        """Take what pytest gives for changing the environment and reading what was printed."""
        self.monkeypatch, self.capsys = monkeypatch, capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        """Run one command; return its exit code, output and errors."""
        self.monkeypatch.setattr(sys, "argv", ["risk-service", *words])
        with pytest.raises(SystemExit) as left:
            main()
        printed = self.capsys.readouterr()
        return int(left.value.code or 0), printed.out, printed.err


@pytest.fixture
def risk_service(
    tmp_path: Path, release: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    for name in [name for name in os.environ if name.startswith("RISK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RISK_DATABASE_URL", f"sqlite:///{tmp_path / 'service.db'}")
    monkeypatch.setenv("RISK_MODEL_DIR", str(release / "champion"))
    monkeypatch.setenv("RISK_PUBLIC_KEY", str(release / "keys" / "release_key.pub"))
    monkeypatch.setenv("RISK_AUDIT_KEY_FILE", str(tmp_path / "audit.key"))
    monkeypatch.setenv("RISK_SPECIFICATION", str(REPOSITORY / "models" / "placement_risk.yaml"))
    return CommandLine(monkeypatch, capsys)


def test_a_data_set_is_imported_and_the_page_opens_with_a_list(
    risk_service: CommandLine, monkeypatch: pytest.MonkeyPatch, data_set: Path
) -> None:
    code, out, err = risk_service("import", "--data", str(data_set), "--first-list", "BP3MI-NTT")
    assert code == 0, err
    assert "61 placements as of 2025-12-03 (simulated), scored by placement-risk-1" in out
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    monkeypatch.setenv("RISK_PORT", port)
    server = subprocess.Popen([sys.executable, "-m", "service.main", "serve"], cwd=REPOSITORY, stdout=subprocess.PIPE)
    try:
        assert server.stdout is not None
        assert f"http://127.0.0.1:{port}/".encode() in server.stdout.readline()
        page = open_page(f"http://127.0.0.1:{port}/")
    finally:
        server.terminate()
        server.communicate(timeout=30)
    assert "Nama masuk" in page, "nobody reads a list without signing in"
    assert "BP3MI Nusa Tenggara Timur" not in page


def open_page(address: str) -> str:
    # the socket listens before the address is printed, so a request waits in its queue and needs no retry
    with urllib.request.urlopen(address, timeout=30) as answer:
        return str(answer.read().decode())


def test_a_port_in_use_is_one_message_that_names_the_setting(
    risk_service: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("RISK_PORT", str(port))
        code, _, err = risk_service("serve")
    assert code == 1
    assert re.fullmatch(rf"error: port {port} of 127\.0\.0\.1 is in use.*RISK_PORT={port + 1}\n", err)
    assert not (tmp_path / "service.db").exists(), "nothing was begun"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("import", "--data", "nowhere"), "nowhere: no such folder"),
        (("import", "--data", "nowhere", "--first-list", "BP3MI-NTB"), "did you mean 'BP3MI-NTT'?"),
    ],
)
def test_what_cannot_be_imported_is_one_message(risk_service: CommandLine, words: tuple[str, ...], said: str) -> None:
    code, _, err = risk_service(*words)
    assert code == 1
    assert said in err


def test_bad_usage_exits_with_two(risk_service: CommandLine) -> None:
    assert risk_service("import")[0] == 2


def test_tables_are_made_on_demand(risk_service: CommandLine, tmp_path: Path) -> None:
    assert risk_service("migrate")[0] == 0
    assert (tmp_path / "service.db").exists()


def test_the_description_in_the_repository_is_that_of_the_application(risk_service: CommandLine) -> None:
    _, out, _ = risk_service("openapi")
    kept = (REPOSITORY / "docs" / "openapi.json").read_text(encoding="utf-8")
    assert json.loads(out) == json.loads(kept), "run: risk-service openapi > docs/openapi.json"


def test_the_service_loads_no_model_library() -> None:
    script = (
        "import pkgutil, sys, service\n"
        "found = [module.name for module in pkgutil.walk_packages(service.__path__, 'service.')]\n"
        "for name in found:\n"
        "    if name != 'service.migrations.env':\n"
        "        __import__(name)\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'mlflow', 'sklearn', 'joblib', 'matplotlib'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_loads_neither_application_nor_database() -> None:
    script = (
        "import sys\n"
        "from service.main import main\n"
        "sys.argv = ['risk-service', '--help']\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    print(sorted({name.split('.')[0] for name in sys.modules} & {'fastapi', 'sqlalchemy', 'numpy'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert "create-user" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_worker_starts_scores_and_shows_lists_and_figures_without_what_only_rare_requests_need(
    risk_service: CommandLine, monkeypatch: pytest.MonkeyPatch, data_set: Path
) -> None:
    _, made, _ = risk_service("import", "--data", str(data_set), "--first-list", "BP3MI-NTT")
    list_id = re.findall(r"list (\S+) for", made)[0]
    monkeypatch.setenv("ROW", f"/lists/{list_id}/rows/1")
    _, told, _ = risk_service("create-key", "--owner", "tests", "--role", "national")
    monkeypatch.setenv("KEY", re.findall(r"Bearer \S+", told)[0])
    script = """
import os, sys
from starlette.testclient import TestClient
from service.serving import worker_app
placement = {"placement_id": "A1", "origin": "53.11", "destination": "MYS", "sector": "domestic",
             "employer_type": "household", "scheme": "P_TO_P"}
with TestClient(worker_app(), headers={"Authorization": os.environ["KEY"]}) as client:
    print(client.post("/v1/scores", json=placement).status_code, client.get("/health/ready").status_code,
          *(client.get(page).status_code for page in ("/", "/?office=BP3MI-NTT", os.environ["ROW"])),
          *(client.get(page).status_code for page in ("/v1/segments", "/segments", "/segments/hard-to-supervise")),
          client.get("/v1/prevalence").status_code)
rare = {"pandas", "pandera", "pyarrow", "openpyxl", "fpdf", "PIL", "scipy", "alembic", "jwt"}
print(sorted({name.split(".")[0] for name in sys.modules} & rare))
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    answered, loaded = done.stdout.splitlines()
    assert answered == " ".join(["200"] * 9), done.stderr
    assert loaded == "[]"


def test_a_user_and_a_key_are_made_and_their_secrets_printed_once(
    risk_service: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, err = risk_service("create-user", "--login", "pengawas", "--role", "inspector", "--office", "BP3MI-NTT")
    assert code == 0, err
    assert re.search(r"password: [a-z2-9]{4}(-[a-z2-9]{4}){3} ", out)
    monkeypatch.setattr(sys, "stdin", io.StringIO("kuda-lumping-berderap\n"))
    code, out, _ = risk_service("create-user", "--login", "pengelola", "--role", "admin", "--password-stdin")
    assert code == 0
    assert "password" not in out
    assert "kuda" not in out
    code, out, _ = risk_service("create-key", "--owner", "SISKOP2MI", "--role", "placement_system", "--scope", "verify")
    assert code == 0
    assert re.search(r"Authorization: Bearer rk_[a-p]{12}_[\w-]{43} ", out)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create-user", "--login", "x", "--role", "inspector"), "role inspector belongs to an office"),
        (("create-user", "--login", "x", "--role", "admin", "--office", "BP3MI-NTT"), "belongs to no office"),
        (("create-user", "--login", "x", "--role", "inspector", "--office", "BP3MI-NTB"), "did you mean 'BP3MI-NTT'?"),
        (("create-user", "--login", "x", "--role", "inspektor"), "--role: "),
        (("create-user", "--login", "Nama Orang", "--role", "admin"), "use small letters, digits and . _ @ -"),
        (("create-user", "--login", "SITI", "--role", "admin"), "did you mean 'siti'?"),
        (("create-key", "--owner", "x", "--role", "placement_system", "--scope", "all"), "--scope: "),
        (("create-key", "--owner", "x", "--role", "placement_system", "--days", "0"), "--days: "),
        (("create-demo-users", "--office", "BP3MI-NTT", "--out", "none.txt"), "for simulated data alone"),
    ],
)
def test_who_cannot_be_let_in_is_one_message(risk_service: CommandLine, words: tuple[str, ...], said: str) -> None:
    code, _, err = risk_service(*words)
    assert code == 1
    assert err.startswith("error: ")
    assert said in err


def test_demonstration_users_are_made_once_for_simulated_data(
    risk_service: CommandLine, data_set: Path, tmp_path: Path
) -> None:
    logins = tmp_path / "logins.txt"
    risk_service("import", "--data", str(data_set))
    words = ("create-demo-users", "--office", "BP3MI-NTT", "--out", str(logins))
    assert risk_service(*words)[0] == 0
    told = logins.read_text(encoding="utf-8")
    assert re.findall(r"demo\.(\w+)", told) == ["inspector", "supervisor", "analyst", "admin"]
    assert stat.S_IMODE(logins.stat().st_mode) == 0o600
    assert risk_service(*words)[0] == 0
    assert logins.read_text(encoding="utf-8") == told
    logins.unlink()
    assert "is taken" in risk_service(*words)[2]
