"""Can a result be read in a terminal of eighty characters?"""

import pytest

from risk_model.terminal import print_result

CHECKS = [
    {"name": "tested visits", "figure": 1112.0, "limit": "at least 200", "passed": True},
    {"name": "recall by group", "figure": "+0.04", "limit": "none below", "passed": True, "groups": [{"trait": "sex"}]},
]
FIELDS = [
    {"field": "contract_signed_before_departure", "psi": 0.1, "ks": 0.1, "missing_then": 0.1, "missing_now": 0.1}
    | {"severity": "steady", "note": "a sentence that leaves little room for the others"}
]


def printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, **shown: object) -> str:
    monkeypatch.setenv("COLUMNS", "80")
    print_result(shown)
    return capsys.readouterr().out


def test_no_word_of_a_heading_is_broken(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    text = printed(capsys, monkeypatch, fields=FIELDS)
    heading = text[: text.index("┡")].split()
    assert {"missing", "then", "now", "severity", "psi"} <= set(heading)


def test_a_table_holds_what_its_first_record_names_and_nothing_nested(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = printed(capsys, monkeypatch, checks=CHECKS)
    assert "recall by group" in text
    assert "trait" not in text


def test_the_checks_of_a_gate_are_all_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = printed(capsys, monkeypatch, checks=[{**CHECKS[0], "name": f"check {n}"} for n in range(28)])
    assert "check 27" in text
    assert "more" not in text
