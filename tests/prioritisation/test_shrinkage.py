"""Does a rate lean on its parents exactly as far as it must?"""

import numpy as np
import pandas as pd
import pytest

from risk_model.prioritisation.shrinkage import ROWS_RANGE, Known, Shrunken, learnt_rows, shrunken_rates

GROUPS = pd.DataFrame({"destination": ["A", "A", "B", "B"], "sector": ["x", "y", "x", "y"]})


def known(found: dict[tuple[str, str], tuple[int, int]], published: float | None = None, lists: int = 1) -> Known:
    """Visits of everybody in each group: (found, visited)."""
    rows = [
        {"destination": a, "sector": b, "found": float(i < hits), "weight": 1.0}
        for (a, b), (hits, n) in found.items()
        for i in range(n)
    ]
    visits = pd.DataFrame(rows, columns=["destination", "sector", "found", "weight"])
    placements = GROUPS.loc[GROUPS.index.repeat(100)].assign(published=np.nan if published is None else published)
    return Known(visits, placements, lists)


def rates(made_of: Known) -> Shrunken:
    return shrunken_rates(made_of, GROUPS, published_at=2)


def test_without_any_visit_the_published_rate_is_the_rate_and_the_interval_is_wide() -> None:
    told = rates(known({}, published=0.2))
    assert told.rate == pytest.approx(0.2, abs=0.06)
    assert (told.high - told.low > 0.2).all()


def test_a_group_that_was_wholly_visited_keeps_nearly_its_own_rate() -> None:
    told = rates(known({("A", "x"): (90, 100), ("A", "y"): (10, 100), ("B", "x"): (10, 100), ("B", "y"): (10, 100)}))
    assert told.rate[0] == pytest.approx(0.9, abs=0.15)
    assert told.rate[1] == pytest.approx(0.1, abs=0.05)


def test_a_group_nobody_visited_leans_on_its_destination_and_its_sector() -> None:
    told = rates(known({("A", "x"): (60, 100), ("A", "y"): (50, 100), ("B", "x"): (10, 100)}))
    low_everywhere = rates(known({("A", "x"): (10, 100), ("A", "y"): (8, 100), ("B", "x"): (10, 100)}))
    assert told.prior[3] > low_everywhere.prior[3]
    assert told.high[3] - told.low[3] > told.high[0] - told.low[0]


def test_visits_that_speak_for_a_small_part_of_a_group_leave_it_to_its_prior() -> None:
    """Ninety visits to certain placements say nothing of the other thousand that chance never chose."""
    found = dict.fromkeys([("A", "y"), ("B", "x"), ("B", "y")], (9, 90)) | {("A", "x"): (81, 90)}
    whole, part = rates(known(found)), rates(known(found, lists=12))
    assert part.rate[0] < whole.rate[0] - 0.2
    assert part.high[0] - part.low[0] > 1.5 * (whole.high[0] - whole.low[0])


def test_the_weight_of_a_parent_is_learnt_from_how_much_groups_differ() -> None:
    n, parent = np.full(6, 200.0), np.full(6, 0.2)
    alike = learnt_rows(n, np.array([0.19, 0.2, 0.21, 0.2, 0.2, 0.2]), parent)
    unlike = learnt_rows(n, np.array([0.02, 0.5, 0.05, 0.4, 0.1, 0.3]), parent)
    assert unlike < alike
    assert (ROWS_RANGE[0], ROWS_RANGE[1]) == (unlike, alike)
