"""Can any figure be traced to fewer than ten placements, by reading or by subtracting?"""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from risk_model.prioritisation.disclosure import LEAST_SHOWN, folded, shown_count
from risk_model.prioritisation.segment_names import OTHER

CELLS = st.dictionaries(
    st.tuples(st.sampled_from("ABC"), st.sampled_from("xyz"), st.sampled_from("123")),
    st.integers(0, 40),
    min_size=1,
    max_size=14,
)


def counted(cells: dict[tuple[str, str, str], int]) -> pd.Series:
    index = pd.MultiIndex.from_tuples(list(cells), names=["destination", "sector", "level"])
    return pd.Series(list(cells.values()), index=index)


@given(CELLS)
def test_every_shown_cell_has_ten_members_and_all_cells_add_up_to_all_members(
    cells: dict[tuple[str, str, str], int],
) -> None:
    counts = counted(cells)
    target = folded(counts)
    if counts.sum() < LEAST_SHOWN:
        assert target.empty
        return
    sizes = counts.groupby([target[name] for name in target]).sum()
    assert (sizes >= LEAST_SHOWN).all()
    assert sizes.sum() == counts.sum(), "nobody is left over to be found by subtracting from a total"


@given(CELLS)
def test_a_fold_never_holds_one_small_cell_alone(cells: dict[tuple[str, str, str], int]) -> None:
    counts = counted(cells)
    target = folded(counts)
    small = target.index[(counts.reindex(target.index) < LEAST_SHOWN).to_numpy() & (counts.reindex(target.index) > 0)]
    for cell in small:
        own = tuple(target.loc[cell])
        together = (target == own).all(axis=1).to_numpy()
        assert together.sum() > 1
        assert own != cell
        assert OTHER in own


def test_a_large_cell_keeps_its_name() -> None:
    target = folded(counted({("A", "x", "1"): 500, ("A", "x", "2"): 400, ("B", "y", "1"): 300}))
    assert [tuple(row) for row in target.to_numpy()] == list(target.index)


@given(st.lists(st.integers(0, 500), min_size=1))
def test_counts_are_in_steps_of_five_within_two_of_the_truth_and_none_under_ten(numbers: list[int]) -> None:
    shown = shown_count(pd.Series(numbers))
    assert (shown.isna() == (np.array(numbers) < 10)).all()
    given_back = shown.dropna()
    assert (given_back % 5 == 0).all()
    assert (abs(given_back - pd.Series(numbers)[given_back.index]) <= 2).all()
