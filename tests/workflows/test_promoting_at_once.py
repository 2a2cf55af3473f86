"""Of two promotions at once one goes on; the other is turned away before it reads or writes anything."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from risk_model.commands.options import SPECIFICATION
from risk_model.errors import ReleaseBusyError
from risk_model.scoring.release_turn import PROMOTION, sole_turn
from risk_model.workflows.data_files import RELEASES
from risk_model.workflows.promotion import promote

HOLDS_THE_TURN = """
import sys
from pathlib import Path
from risk_model.scoring.release_turn import PROMOTION, sole_turn

with sole_turn(Path(sys.argv[1]), PROMOTION):
    print("mine", flush=True)
    sys.stdin.read()
"""


def promoted(folder: Path) -> None:
    promote(
        "1",
        folder / "data",
        approver="nobody",
        specification_file=SPECIFICATION,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_a_second_promotion_is_turned_away_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    words = [sys.executable, "-c", HOLDS_THE_TURN, str(tmp_path / RELEASES)]
    first = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    assert first.stdout.readline() == "mine\n"
    with pytest.raises(ReleaseBusyError, match="another promotion is under way"):
        promoted(tmp_path)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [".promotion.lock"]
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    with sole_turn(RELEASES, PROMOTION):
        pass  # the turn of a process that was killed is free
