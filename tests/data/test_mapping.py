"""A mapping says how an office's columns become ours; one that contradicts itself says where."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from risk_model.data.mapping import MAPPINGS_DIR, mapping_names, read_mapping
from risk_model.errors import MappingError

SMALL: dict[str, Any] = {
    "table": "events",
    "description": "Two columns",
    "columns": {
        "event_id": {"kind": "id", "from": "Nomor"},
        "placement_id": {"kind": "id", "from": ["ID"]},
        "type": {"kind": "code", "codes": {"aduan": "complaint"}, "default": "complaint"},
        "occurred_at": {"kind": "instant", "from": "Hari", "required": True},
        "recorded_at": {"kind": "instant", "otherwise": {"column": "occurred_at", "days": 1}},
        "data_origin": {"kind": "code", "codes": {"uji": "simulated"}, "default": "real"},
    },
}


def written(folder: Path, raw: object) -> Path:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    return path


def changed(column: str, **keys: Any) -> dict[str, Any]:
    return SMALL | {"columns": SMALL["columns"] | {column: SMALL["columns"].get(column, {}) | keys}}


@pytest.mark.parametrize("name", mapping_names())
def test_each_mapping_that_ships_can_be_read(name: str) -> None:
    assert read_mapping(name).description


def test_four_mappings_ship() -> None:
    assert mapping_names() == ("complaints", "siskop2mi", "verifications", "visits")


def test_no_two_columns_of_a_shipped_mapping_claim_one_heading() -> None:
    for name in mapping_names():
        words = [
            word.casefold()
            for column in read_mapping(name).columns.values()
            for word in (*column.headings, *column.names)
        ]
        assert sorted(words) == sorted(set(words)), name


def test_an_office_can_write_its_own_mapping(office: Any) -> None:
    path = written(office.folder, SMALL)
    rows = [["Nomor", "ID", "Hari", "Lain"], ["1", "PMI-1", "3 Maret 2025", "x"], ["2", "PMI-2", "kosong", ""]]
    result = office.ingest(office.csv(rows), mapping=path)
    assert (result.table, result.summary["accepted"], list(result.rejects["column"])) == ("events", 1, ["occurred_at"])


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (changed("ocurred_at", kind="date"), "'ocurred_at' is no column of events; did you mean 'occurred_at'"),
        (changed("type", kind="kode"), "columns.type.kind"),
        (changed("type", vocabulary="positionz"), "'positionz' is no reference table; did you mean 'positions'"),
        (changed("type", codes={}), "needs a vocabulary, codes, or both"),
        (changed("type", patterns=[{"match": "(", "becomes": "x"}]), "no regular expression"),
        (changed("recorded_at", otherwise={"column": "occurred_at"}), "either days"),
        (changed("source", kind="whole"), "needs a range"),
        (changed("source", kind="text", names=["x"]), "names belongs to"),
        (changed("source", kind="text", if_unreadable="keep"), "only kind code can keep"),
        (changed("occurred_at", default="2025-01-01"), "takes neither codes nor a default"),
        (changed("category", kind="code", vocabulary="complaint_categories", default="sakt"), "did you mean 'sakit'"),
        (changed("recorded_at", otherwise={"column": "type", "days": 1}), "'type' holds no dates"),
        (changed("source", kind="text", otherwise={"column": "event_id", "extra": "x"}), "'event_id' holds no codes"),
        (SMALL | {"one_of": ["area"]}, "'area' is not among the columns"),
        (SMALL | {"order": [{"first": "occured_at", "then": "recorded_at"}]}, "did you mean 'occurred_at'"),
        (SMALL | {"tabel": "events"}, "tabel"),
        (SMALL | {"table": "event"}, "table"),
        (SMALL | {"columns": {"event_id": {"kind": "id"}}}, "events needs the column"),
        ([1, 2], "mapping"),
    ],
)
def test_a_mapping_with_a_mistake_is_refused_where_it_is(tmp_path: Path, raw: object, says: str) -> None:
    with pytest.raises(MappingError, match=says.replace("(", r"\(")):
        read_mapping(written(tmp_path, raw))


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    for content in (b"columns: [", b"\xff\xfe\x00", b"table: 0000-00-00"):
        path.write_bytes(content)
        with pytest.raises(MappingError, match=r"mine\.yaml"):
            read_mapping(path)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(MappingError, match="did you mean 'siskop2mi'"):
        read_mapping("siskop2m1")
    with pytest.raises(MappingError, match="allowed: complaints, siskop2mi, verifications, visits"):
        read_mapping("zzz")


def test_the_words_for_blank_are_no_code_of_any_shipped_column() -> None:
    blanks = yaml.safe_load((MAPPINGS_DIR / "blanks.yaml").read_text(encoding="utf-8"))["blanks"]
    assert len(blanks) == len(set(blanks))
