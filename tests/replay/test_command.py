"""Does `risk-model replay` run the loop, write it, mark it as simulated and fit a terminal?"""

import json
from pathlib import Path

import pandas as pd
import pytest

from risk_model.cli import main

CHEAP = ["replay", "--world", "open", "--placements", "1500", "--rounds", "2", "--policies", "usual,random,oracle"]


def call(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> int:
    monkeypatch.setattr("sys.argv", ["risk-model", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_the_rounds_are_written_and_every_row_says_simulated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "rounds.parquet"
    assert call(monkeypatch, [*CHEAP, "--reporting", "rich", "--json", "--out", str(out)]) == 0

    shown = json.loads(capsys.readouterr().out)
    rounds, corridors = pd.read_parquet(out), pd.read_parquet(tmp_path / "rounds.corridors.parquet")
    assert "SIMULATED" in shown["simulated"]
    assert {line["policy"] for line in shown["policies"]} == {"usual", "random", "oracle"}
    assert len(rounds) == 3 * 2
    assert (rounds["data_origin"] == "simulated").all()
    assert (corridors["data_origin"] == "simulated").all()
    found = rounds.groupby("policy")["harm_found"].sum().to_dict()
    assert {line["policy"]: line["found"] for line in shown["policies"]} == found


def test_the_tables_fit_a_terminal_and_begin_with_the_mark(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert call(monkeypatch, CHEAP) == 0

    lines = capsys.readouterr().out.splitlines()
    assert "SIMULATED" in lines[0]
    assert max(len(line) for line in lines if line[:1] in "┏┃│└") <= 80


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--world", "opne"], 1, "did you mean 'open'?"),
        (["--world", "open", "--policies", "ours,gredy"], 1, "did you mean 'greedy'?"),
        (["--world", "open", "--rounds", "0"], 2, "--rounds"),
        (["--world", "open", "--visits", "-1"], 1, "give more than 0"),
        ([], 2, "--world"),
    ],
)
def test_what_cannot_be_run_names_its_repair(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    said: str,
) -> None:
    assert call(monkeypatch, ["replay", *arguments]) == code
    assert said in capsys.readouterr().err
