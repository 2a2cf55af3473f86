"""The page on ingesting says what the program does."""

import re
from pathlib import Path
from typing import Any, get_args

from risk_model.data.mapping import Column, Kind, mapping_names

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "how-to-ingest.md").read_text(encoding="utf-8")


def test_the_example_of_a_mapping_works(office: Any) -> None:
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert example
    path = office.text(example[1], "office.yaml")
    row = {"No Registrasi": "1", "Kode Kab": "5306", "Negara": "Taiwan", "Jabatan": "Tukang sapu jalan", "Skema": ""}
    (accepted,) = office.accept(row | {"Tgl Masuk": "3 Maret 2025", "Tgl Terbang": "belum terbang"}, mapping=path)
    assert (accepted["origin"], accepted["position"], accepted["sector"]) == ("53.06", "cleaner", "services")


def test_every_mapping_kind_and_key_is_explained() -> None:
    for name in (*mapping_names(), *get_args(Kind)):
        assert f"`{name}`" in PAGE, name
    for name, field in Column.model_fields.items():
        assert f"`{field.alias or name}`" in PAGE, name
