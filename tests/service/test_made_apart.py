"""Do figures that a process of their own makes arrive, and does none outlive the worker that wants them?"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError

from risk_model.errors import InputError, UnknownCodeError
from service.made_apart import AT_ONCE, Apart
from service.problems import UNAVAILABLE, ProblemError
from service.running import Running
from service.settings import Settings
from service.tables.register import placements

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 60
pytestmark = pytest.mark.timeout(2 * PATIENCE)


def counted(engine: Engine, added: int) -> tuple[int, int]:
    """Return the placements and some, and who counted."""
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(placements)).scalar_one() + added, os.getpid()


def refuse(_engine: Engine, words: str) -> None:
    raise InputError(words)


def refuse_with_more_than_words(_engine: Engine) -> None:
    raise UnknownCodeError("HGK", column="destination", known=["HKG"])


def end_at_once(_engine: Engine) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def hold(_engine: Engine, said_in: Path) -> None:
    """Say that it is at work, and never end; what is said in ends where the process does."""
    with said_in.open("w") as said:
        said.write(f"{os.getpid()}\n")
        said.flush()
        threading.Event().wait()


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Apart]:
    apart = Apart(f"sqlite:///{tmp_path / 'service.db'}")
    yield apart
    apart.stop()


def test_another_process_reads_the_database_of_the_service(running: Running) -> None:
    found, process = running.apart.make(counted, 1000)
    assert found == 1061
    assert process != os.getpid()


def test_what_is_refused_there_is_refused_here_in_the_same_words(apart: Apart) -> None:
    with pytest.raises(InputError, match="name another column") as caught:
        apart.make(refuse, "name another column")
    assert "in refuse" in caught.value.__notes__[0]


def test_an_error_that_cannot_be_carried_over_is_named(apart: Apart) -> None:
    with pytest.raises(RuntimeError, match="UnknownCodeError: destination is 'HGK'"):
        apart.make(refuse_with_more_than_words)


@pytest.mark.parametrize("address", ["sqlite:////none/service.db", "postgresql://clerk:secret@127.0.0.1:1/none"])
def test_a_database_that_is_away_is_the_same_error_as_in_the_worker(address: str) -> None:
    apart = Apart(Settings(database_url=address).database_url)
    with pytest.raises(OperationalError) as caught:
        apart.make(counted, 0)
    assert "secret" not in "".join((str(caught.value), *caught.value.__notes__))


def test_a_process_that_dies_is_a_problem_once_and_the_next_request_tries_again(running: Running) -> None:
    for _ in range(AT_ONCE + 1):  # nor does it keep its room
        with pytest.raises(ProblemError) as caught:
            running.apart.make(end_at_once)
        assert (caught.value.status, caught.value.key) == (UNAVAILABLE, "figures_not_made")
    assert running.apart.make(counted, 0)[0] == 61


def test_a_service_that_stops_waits_for_no_figures(apart: Apart, pipe: Path) -> None:
    with ThreadPoolExecutor() as threads:
        asked = [threads.submit(apart.make, hold, pipe) for _ in range(AT_ONCE + 1)]
        with pipe.open() as said:
            assert int(said.readline()) != os.getpid()
            apart.stop()
            said.read()  # ends with the last process
        errors = [each.exception(timeout=PATIENCE) for each in asked]
    assert [error.key for error in errors if isinstance(error, ProblemError)] == ["figures_not_made"] * len(asked)


def test_a_worker_that_is_killed_leaves_no_process_behind(apart: Apart, pipe: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from service.made_apart import Apart; "
        "from tests.service.test_made_apart import hold; Apart('sqlite://').make(hold, Path(sys.argv[1]))"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(pipe)], cwd=REPOSITORY) as worker, pipe.open() as said:
        assert int(said.readline()) != worker.pid
        worker.kill()
        assert said.read() == ""  # it ended
