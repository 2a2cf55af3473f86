"""Do the fitted tables meet both of their margins?"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from risk_model import vocabulary
from risk_model.data.simulator.latent import marginals as published
from risk_model.data.simulator.latent.population import kabupaten_of

weights = st.floats(0.05, 10)


@given(arrays(float, (4, 3), elements=weights), arrays(float, 4, elements=weights), arrays(float, 3, elements=weights))
def test_a_fitted_table_has_the_margins_it_was_given(
    affinity: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> None:
    rows, columns = rows / rows.sum(), columns / columns.sum()

    table = published.fit(affinity, rows, columns)

    assert table.sum(axis=0) == pytest.approx(columns)
    assert table.sum(axis=1) == pytest.approx(rows, abs=1e-3)


def test_ntt_and_the_rest_together_make_the_national_mix() -> None:
    tables = published.marginals()
    joint = published.NTT_SHARE * tables.ntt_positions_by_destination
    joint = joint + (1 - published.NTT_SHARE) * tables.positions_by_destination
    counts = dict(published.DESTINATIONS_2024) | dict(published.DESTINATIONS_REST)

    assert joint.sum(axis=1) == pytest.approx(published.shares(counts, tables.destinations), abs=1e-4)


def test_korea_is_served_between_governments() -> None:
    tables = published.marginals()
    korea = tables.schemes_by_destination[tables.destinations.index("KOR")]

    assert korea[tables.schemes.index("G_TO_G")] / korea.sum() > 0.95


def test_every_code_is_one_of_the_vocabulary() -> None:
    tables = published.marginals()

    assert set(tables.destinations) <= vocabulary.codes("destinations")
    assert set(tables.positions) <= vocabulary.codes("positions")
    assert set(tables.schemes) <= vocabulary.codes("schemes")
    assert all(vocabulary.area(code) for code in published.NTT_KABUPATEN)
    assert sum(published.provinces().values()) == pytest.approx(1)
    for province in published.provinces():
        assert all(vocabulary.contains(province, code) for code in kabupaten_of(province))


def test_the_positions_and_destinations_add_up_to_what_was_published() -> None:
    assert sum(published.POSITIONS_2024.values()) + sum(published.POSITIONS_REST.values()) == pytest.approx(
        100, abs=0.1
    )
    total = sum(published.DESTINATIONS_2024.values()) + sum(published.DESTINATIONS_REST.values())
    assert total == pytest.approx(295_439, rel=1e-3)
