"""Settings come from the environment; a bad one is one clear message."""

from pathlib import Path

import pytest

from risk_model.errors import InputError
from service.offices import read_offices
from service.settings import Settings, likely_misspelt, read_settings


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"RISK_{name}".upper(), raising=False)


def test_nothing_has_to_be_set() -> None:
    settings = read_settings()
    assert (settings.host, settings.port, settings.database_url) == ("127.0.0.1", 8000, "sqlite:///var/service.db")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("RISK_PORT", "eighty", "RISK_PORT is 'eighty'"),
        ("RISK_PORT", "0", "RISK_PORT is '0'"),
        ("RISK_RANDOM_SHARE", "0", "RISK_RANDOM_SHARE is '0'"),
        ("RISK_DATABASE_URL", "mysql://x", "sqlite:///file nor postgresql://"),
        ("RISK_SOURCE_LINK", "https://x.example/", "{placement_id}"),
        ("RISK_SOURCE_LINK", "javascript:{placement_id}", "not a web address"),
        ("RISK_SESSION_HOURS", "0", "hours until a session ends"),
    ],
)
def test_a_bad_value_names_the_variable_and_the_repair(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InputError) as caught:
        read_settings()
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("host", "word", "secure"),
    [("127.0.0.1", None, False), ("0.0.0.0", None, True), ("0.0.0.0", "0", False), ("127.0.0.1", "1", True)],
)
def test_sessions_need_tls_wherever_other_machines_are_let_in(
    monkeypatch: pytest.MonkeyPatch, host: str, word: str | None, secure: bool
) -> None:
    monkeypatch.setenv("RISK_HOST", host)
    if word is not None:
        monkeypatch.setenv("RISK_SECURE_COOKIES", word)
    assert read_settings().sends_secure_cookies is secure


def test_a_misspelt_setting_is_noticed_and_others_are_left_alone() -> None:
    assert likely_misspelt({"RISK_DATABASEURL": "x", "RISK_NIK_KEY": "x", "RISK_PORT": "1", "PATH": ""}) == {
        "RISK_DATABASEURL": "RISK_DATABASE_URL"
    }


def test_postgresql_is_reached_with_the_driver_that_is_installed() -> None:
    assert Settings(database_url="postgresql://u@h/d").database_url == "postgresql+psycopg://u@h/d"


HEADER = "code,name,kind,areas,destinations,monthly_visits\n"


def test_an_office_file_of_another_province_is_read(tmp_path: Path) -> None:
    path = tmp_path / "offices.csv"
    path.write_text(HEADER + "BP3MI-NTB,BP3MI NTB,bp3mi,52,,30\nKBRI,KBRI,mission,,MYS|BRN,\n", encoding="utf-8")
    offices = read_offices(path)
    assert offices["BP3MI-NTB"].areas == ("52",)
    assert offices["KBRI"].destinations == ("MYS", "BRN")
    assert offices["KBRI"].monthly_visits is None


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("X,X,bp3m,52,,", "row 2: kind is 'bp3m'; did you mean 'bp3mi'?"),
        ("X,X,bp3mi,5201,,", "areas holds '5201'"),
        ("X,X,mission,,MSY,", "destinations holds 'MSY'"),
        ("X,X,bp3mi,52,,many", "monthly_visits is 'many'"),
        (",X,bp3mi,52,,", "code is empty"),
    ],
)
def test_a_bad_office_row_is_named(tmp_path: Path, row: str, said: str) -> None:
    path = tmp_path / "offices.csv"
    path.write_text(HEADER + row + "\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_offices(path)
    assert said in str(caught.value)


def test_a_missing_office_file_or_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="RISK_OFFICES"):
        read_offices(tmp_path / "none.csv")
    (tmp_path / "short.csv").write_text("code,name\nA,B\n", encoding="utf-8")
    with pytest.raises(InputError, match="kind, areas"):
        read_offices(tmp_path / "short.csv")
