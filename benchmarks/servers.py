"""Which servers are compared, and how is each started, asked and stopped?

All of them in one process that answers, with the same model behind those that score.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

import psutil

from benchmarks.environments import PEERS, NotInstalledError, environment
from benchmarks.live_service import LiveService, ask, free_port
from benchmarks.served_model import ServedModel
from benchmarks.sitting import REPOSITORY
from benchmarks.wire import request

START_SECONDS = 180
STOP_SECONDS = 5
LOOK_EVERY = 0.02
OURS, MLFLOW, MLSERVER, BENTOML = "this service", "mlflow models serve", "MLServer", "BentoML"
FRAME, CONSTANT, BARE = "FastAPI, DataFrame, fitted pipeline", "FastAPI, same body, constant answer", "bare ASGI"
SCORES, INVOCATIONS = "/v1/scores", "/invocations"


@dataclass(frozen=True)
class Server:
    """A server that can be started: `command` has the port where it says {port}; `rows` make the body of a request."""

    name: str
    command: tuple[str, ...]
    path: str
    rows: Sequence[Mapping[str, object]]
    environment: Mapping[str, str] = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    as_body: Callable[[Sequence[Mapping[str, object]]], object] = itemgetter(0)
    probe: str | None = None
    """Path that says when it is ready; None: the first answer to a request of its own."""

    def requests(self, size: int = 1) -> list[bytes]:
        """Return one request for every so many rows."""
        parts = [self.rows[start : start + size] for start in range(0, len(self.rows) - size + 1, size)]
        return [request(self.path, json.dumps(self.as_body(part)).encode(), headers=self.headers) for part in parts]


@dataclass
class Started:
    """A server that answers: its port, its processes, and the seconds until its first good answer."""

    port: int
    process: psutil.Process
    first_answer: float

    def processes(self) -> list[psutil.Process]:
        """The server and its children."""
        return [self.process, *self.process.children(recursive=True)]

    def cpu_seconds(self) -> float:
        """Processor time that all of them have used so far."""
        return sum(sum(each.cpu_times()[:2]) for each in self.processes())

    def memory(self) -> int:
        """Bytes that all of them hold, counting shared pages once (PSS)."""
        return sum(each.memory_full_info().pss for each in self.processes())


@contextmanager
def started(server: Server) -> Iterator[Started]:
    """Start a server, wait for its first good answer, and stop it with all its processes at the end.

    Raises:
        TimeoutError: it gave none in time; the message holds the end of its log.
    """
    port = free_port()
    named = {name: value.replace("{port}", str(port)) for name, value in server.environment.items()}
    with tempfile.TemporaryFile() as log:
        begun = time.monotonic()
        process = subprocess.Popen(
            [word.replace("{port}", str(port)) for word in server.command],
            env={**os.environ, "OMP_NUM_THREADS": "1", **named, "RISK_PORT": str(port)},
            cwd=REPOSITORY,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            _wait_for(server, port, process, begun)
            yield Started(port, psutil.Process(process.pid), time.monotonic() - begun)
        except TimeoutError:
            log.seek(0)
            said = log.read().decode(errors="replace")[-2000:]
            raise TimeoutError(f"{server.name} gave no answer within {START_SECONDS} s: {said}") from None
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask a server to stop, then end whatever is left: some start workers in sessions of their own."""
    with suppress(psutil.NoSuchProcess):
        whole = [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]
        process.terminate()
        _, left = psutil.wait_procs(whole, timeout=STOP_SECONDS)
        for each in left:
            with suppress(psutil.NoSuchProcess):
                each.kill()
    process.wait()


def _wait_for(server: Server, port: int, process: subprocess.Popen[bytes], begun: float) -> None:
    headers = dict(line.split(": ", 1) for line in server.headers)
    body = json.dumps(server.as_body(server.rows[:1])).encode()
    while time.monotonic() - begun < START_SECONDS and process.poll() is None:
        try:
            asks = ("GET", server.probe) if server.probe else ("POST", server.path, body)
            if ask(port, *asks, headers=headers)[0] == 200:
                return
        except OSError:
            pass
        time.sleep(LOOK_EVERY)
    raise TimeoutError


def ours(service: LiveService, key: str, rows: Sequence[Mapping[str, object]], *, path: str = SCORES) -> Server:
    """Return this service on a register that was prepared, as `risk-service serve` runs it."""
    several = path != SCORES
    return Server(
        OURS,
        (sys.executable, "-m", "service.main", "serve"),
        path,
        rows,
        environment=service.environment,
        headers=(f"Authorization: Bearer {key}",),
        as_body=list if several else itemgetter(0),
    )


def limits(rows: Sequence[Mapping[str, object]]) -> list[Server]:
    """Return what checks the same body and answers a constant, and what does nothing at all, both on uvicorn."""
    here = {"PYTHONPATH": f"{PEERS}{os.pathsep}{REPOSITORY}{os.pathsep}{REPOSITORY / 'src'}"}
    return [
        Server(CONSTANT, _uvicorn("constant_endpoint"), SCORES, rows, here),
        Server(BARE, _uvicorn("bare_asgi"), SCORES, rows, here),
    ]


def _uvicorn(module: str) -> tuple[str, ...]:
    words = ("-m", "uvicorn", f"{module}:app", "--port", "{port}", "--no-access-log", "--log-level", "warning")
    return (sys.executable, *words)


def peers(model: ServedModel, folder: Path) -> tuple[list[Server], dict[str, str]]:
    """Return the servers that others made, and why those that are missing could not be installed."""
    found, missing = [], {}
    for name, kind in ((MLFLOW, "mlflow"), (MLSERVER, "mlserver"), (BENTOML, "bentoml")):
        try:
            found.append(_peer(name, environment(kind, folder), model))
        except NotInstalledError as reason:
            missing[name] = str(reason)
    usual = {
        "PYTHONPATH": f"{PEERS}{os.pathsep}{REPOSITORY / 'src'}",
        "PIPELINE": str(model.pipeline),
        "NUMERIC": ",".join(model.numeric),
    }
    return [
        *found,
        Server(FRAME, _uvicorn("frame_endpoint"), INVOCATIONS, model.rows, usual, as_body=_records),
    ], missing


def mlflow_serve(model: ServedModel, folder: Path) -> Server:
    """Return `mlflow models serve` alone.

    Raises:
        NotInstalledError: pip could not install it.
    """
    return _peer(MLFLOW, environment("mlflow", folder), model)


def _peer(name: str, programs: Path, model: ServedModel) -> Server:
    usual = {
        "PYTHONPATH": f"{PEERS}{os.pathsep}{REPOSITORY / 'src'}",
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "VIRTUAL_ENV": str(programs.parent),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "BENTOML_DO_NOT_TRACK": "true",
        "MODEL": str(model.folder),
    }
    local = ("--host", "127.0.0.1", "--port", "{port}")
    words: tuple[str, ...]
    if name == MLFLOW:
        words = (
            "mlflow",
            "models",
            "serve",
            "-m",
            str(model.folder),
            "--env-manager",
            "local",
            "--workers",
            "1",
            *local,
        )
    elif name == MLSERVER:
        usual["MLSERVER_HTTP_PORT"] = "{port}"
        words = ("mlserver", "start", str(_mlserver_folder(model)))
    else:
        words = ("bentoml", "serve", "bento_service:Scores", "--working-dir", str(PEERS), *local)
    command = (str(programs / words[0]), *words[1:])
    return Server(name, command, INVOCATIONS, model.rows, usual, as_body=_records)


def _mlserver_folder(model: ServedModel) -> Path:
    """Write MLServer's settings: one process, no second port that might be taken."""
    home = model.folder.parent / "mlserver"
    home.mkdir(exist_ok=True)
    own = {
        "host": "127.0.0.1",
        "debug": False,
        "parallel_workers": 0,
        "grpc_port": free_port(),
        "metrics_endpoint": None,
    }
    of_model = {
        "name": "risk",
        "implementation": "mlserver_mlflow.MLflowRuntime",
        "parameters": {"uri": str(model.folder), "version": "1"},
    }
    (home / "settings.json").write_text(json.dumps(own), encoding="utf-8")
    (home / "model-settings.json").write_text(json.dumps(of_model), encoding="utf-8")
    return home


def _records(rows: Sequence[Mapping[str, object]]) -> object:
    return {"dataframe_records": list(rows)}
