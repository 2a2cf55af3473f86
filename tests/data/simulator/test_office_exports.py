"""Can the shipped mappings read what the simulator exports, and can it never pass for real?"""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from risk_model import vocabulary
from risk_model.data.ingest import read_exports
from risk_model.data.simulator.office_exports import FAULTS, export_office_files
from risk_model.data.simulator.simulate import Simulation, simulate

KEY = b"0123456789abcdef0123456789abcdef"


@pytest.fixture(scope="module")
def exported(worlds: dict[str, Simulation], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    return export_office_files(worlds["open"], tmp_path_factory.mktemp("exports"))


def rows_of(path: Path) -> list[list[object]]:
    if path.suffix == ".xlsx":
        return [list(row) for row in openpyxl.load_workbook(path).worksheets[0].iter_rows(values_only=True)]
    return [list(line.split(";")) for line in path.read_text(encoding="utf-8-sig").splitlines()]


def test_the_first_line_and_every_row_say_that_the_data_are_simulated(exported: tuple[Path, ...]) -> None:
    for path in exported:
        title, _, headings, *rows = rows_of(path)
        assert str(title[0]).startswith("DATA SIMULASI")
        assert headings[-1] == "Asal Data"
        assert rows
        assert {row[-1] for row in rows} == {"SIMULASI"}


def test_placements_come_back_as_they_were_and_only_the_planted_slips_are_refused(
    exported: tuple[Path, ...], worlds: dict[str, Simulation]
) -> None:
    result = read_exports(exported[:2], mapping="siskop2mi", key=KEY)

    slips = {slip for _, slip in FAULTS}
    assert all(any(slip in found for slip in slips) for found in result.rejects["found"])
    newest = worlds["open"].tables.placements.drop_duplicates("placement_id", keep="last").set_index("placement_id")
    back = result.frame.set_index("placement_id")
    truth = newest.loc[back.index]
    unchanged = [
        *("origin", "destination", "sector", "position", "employer_type", "scheme", "agency_id", "overseas_agency_id"),
        *("certification_level", "certification_verified", "wage_monthly_idr", "fee_idr", "contract_months"),
        *("attended_opp", "has_bpjs", "registered_on", "departed_on", "contract_end_on", "returned_on"),
        *("sex", "birth_year", "education", "marital_status", "prior_placements"),
    ]
    pd.testing.assert_frame_equal(back[unchanged], truth[unchanged])
    assert (back["data_origin"] == "simulated").all()
    assert len(back) > 0.9 * newest["origin"].str.startswith("53.").sum()


@pytest.mark.parametrize(("number", "mapping", "table"), [(2, "complaints", "events"), (3, "visits", "inspections")])
def test_complaints_and_visits_come_back_whole(
    exported: tuple[Path, ...], worlds: dict[str, Simulation], number: int, mapping: str, table: str
) -> None:
    result = read_exports([exported[number]], mapping=mapping, key=KEY)

    identifier = {"events": "event_id", "inspections": "inspection_id"}[table]
    kept = ["placement_id", "area", "category"] + (["arm", "outcome", "severity"] if table == "inspections" else [])
    back = result.frame.set_index(identifier)
    truth = getattr(worlds["open"].tables, table).set_index(identifier).loc[back.index]
    assert result.rejects.empty
    assert len(back) > 3
    pd.testing.assert_frame_equal(back[kept], truth[kept])
    assert (back["data_origin"] == "simulated").all()


def test_no_simulated_identity_number_can_be_anybodys(exported: tuple[Path, ...]) -> None:
    headings = rows_of(exported[1])[2]
    numbers = [str(row[headings.index("NIK")]).strip() for row in rows_of(exported[1])[3:]]
    given = [number for number in numbers if number.isdigit()]

    assert len(given) > 50
    assert all(len(number) == 16 and number.startswith("99") for number in given)
    assert vocabulary.area("99") is None


def test_the_same_simulation_gives_the_same_files(tmp_path: Path) -> None:
    simulation = simulate("open", placements=2_000)

    first, second = (export_office_files(simulation, tmp_path / name) for name in ("first", "second"))

    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_a_run_without_anybody_from_ntt_still_exports_headings(tmp_path: Path) -> None:
    paths = export_office_files(simulate("open", placements=2), tmp_path)

    assert [path.name for path in paths] == [
        "siskop2mi_simulasi.xlsx",
        "disnaker_simulasi.csv",
        "pengaduan_simulasi.csv",
        "kunjungan_simulasi.csv",
    ]
