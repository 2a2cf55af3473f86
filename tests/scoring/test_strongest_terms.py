import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.scoring import strongest_terms as module
from risk_model.scoring.explanations import strongest
from risk_model.scoring.scorer import LookedUp

CONTRIBUTIONS = st.lists(
    st.lists(st.sampled_from([0.0, 0.1, -0.1, 0.10004, 2.5, -3.0, 1e-9, 40.0]), min_size=4, max_size=4),
    min_size=1,
    max_size=6,
)


@pytest.mark.parametrize("block", [2, 1 << 15])
@given(contributions=CONTRIBUTIONS)
def test_the_strongest_terms_of_many_rows_are_those_of_each_row(block: int, contributions: list[list[float]]) -> None:
    columns = np.array(contributions).T
    looked_up = [LookedUp(*(np.unique(c), np.zeros(1), np.unique(c, return_inverse=True)[1])) for c in columns]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BLOCK", block)
        found = module.strongest_terms(looked_up, top=3, decimals=4)
    for row, places in zip(np.round(contributions, 4).tolist(), found.places.T, strict=True):
        shown = [place for place in places.tolist() if place != module.NO_TERM]
        assert found.term[shown].tolist() == strongest(row)[:3]
        assert found.contribution[shown].tolist() == [row[term] for term in found.term[shown]]
