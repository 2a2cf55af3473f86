"""Do the figures of a replay count what they say?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk_model.replay import measures
from risk_model.replay.loop import Replay

risks = st.lists(st.floats(0.0, 1.0), min_size=3, max_size=30)


@given(risks, st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_no_list_stands_above_the_order_of_true_risk(values: list[float], size: int, seed: int) -> None:
    risk = pd.Series(values)
    size = min(size, len(risk))
    best = risk.sort_values(ascending=False).index[:size]
    drawn = pd.Index(np.random.default_rng(seed).permutation(len(risk))[:size])
    gain = risk.loc[best].mean() - risk.mean()
    if gain > 1e-9:
        assert measures.share_of_oracle(risk, best) == pytest.approx(1)
        assert measures.share_of_oracle(risk, drawn) <= 1 + 1e-9


def test_a_list_of_everybody_cannot_do_better_than_chance() -> None:
    risk = pd.Series([0.25, 0.5])

    assert np.isnan(measures.share_of_oracle(risk, risk.index))


def visits_of(policy: str, rows: list[tuple[int, str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["round", "placement_id", "outcome"])
    return frame.assign(policy=policy)


def test_harm_found_later_than_by_another_is_counted_apart_from_harm_not_found() -> None:
    found = "harm_found"
    usual = visits_of("usual", [(0, "A", found), (1, "B", found), (1, "C", found), (2, "D", found)])
    ours = visits_of("ours", [(0, "B", found), (1, "A", found), (1, "C", found), (2, "D", "no_harm_found")])
    (line,) = measures.made_later(pd.concat([usual, ours]), against="usual").to_dict("records")

    assert line == {
        "policy": "ours",
        "found_by_other": 4,
        "earlier": 0.25,
        "same_round": 0.25,
        "later": 0.25,
        "not_found": 0.25,
    }


def test_a_corridor_visited_thrice_its_share_of_risk_is_named() -> None:
    people = pd.DataFrame({"placement_id": [f"P{n}" for n in range(100)], "round": 0})
    truth = people.assign(true_risk=0.2, corridor=np.where(np.arange(100) < 25, "SGP-domestic", "MYS-plantation"))
    there = truth[truth["corridor"] == "SGP-domestic"]
    elsewhere = truth[truth["corridor"] == "MYS-plantation"]
    visits = pd.concat([there.iloc[:15], elsewhere.iloc[:5]])[["round", "placement_id"]].assign(policy="ours")
    shares = measures.corridors(pd.concat([visits] * 4), truth)
    (top,) = measures.highest_ratio(shares).to_dict("records")

    assert shares["visit_share"].sum() == pytest.approx(1)
    assert shares["risk_share"].sum() == pytest.approx(1)
    assert (top["corridor"], top["ratio"]) == ("SGP-domestic", pytest.approx(3.0))


def test_corridors_of_which_chance_decides_are_not_judged() -> None:
    truth = pd.DataFrame(
        {"placement_id": ["A", "B"], "round": 0, "true_risk": [0.01, 0.99], "corridor": ["SGP-care", "MYS-domestic"]}
    )
    visits = pd.DataFrame({"policy": "ours", "round": 0, "placement_id": ["A"] * 10 + ["B"] * 10})
    shares = measures.corridors(visits, truth).set_index("corridor")

    assert shares.loc["SGP-care", "ratio"] == pytest.approx(50)
    assert not shares.loc["SGP-care", "judged"]


def rounds_of(policy: str, values: list[float], column: str) -> pd.DataFrame:
    return pd.DataFrame({"policy": policy, "round": range(len(values)), column: values})


def test_harm_lost_to_exploration_is_what_greedy_found_beyond() -> None:
    rounds = pd.concat([rounds_of("ours", [4, 5], "harm_found"), rounds_of("greedy", [6, 4], "harm_found")])

    assert measures.lost_to_exploration(rounds, policy="ours", greedy="greedy") == pytest.approx(0.1)
    assert np.isnan(measures.lost_to_exploration(rounds, policy="ours", greedy="oracle"))


def test_recovery_is_counted_from_the_turn_against_where_the_ceiling_settles() -> None:
    ceiling = rounds_of("ceiling", [0.8, 0.8, 0.2, 0.5, 0.7, 0.8, 0.8, 0.8], "share_at_10")
    ours = rounds_of("ours", [0.7, 0.7, 0.3, 0.4, 0.6, 0.69, 0.5, 0.7], "share_at_10")
    rounds = pd.concat([ceiling, ours])

    assert measures.rounds_to_recover(rounds, policy="ours", ceiling="ceiling", turned=2) == 3
    never = rounds.assign(share_at_10=rounds["share_at_10"].where(rounds["policy"] == "ceiling", 0.3))
    assert measures.rounds_to_recover(never, policy="ours", ceiling="ceiling", turned=2) is None


def test_found_and_missed_harm_add_up_to_all_the_harm_there_was(happened: Replay) -> None:
    rounds = measures.by_round(happened.rounds, happened.visits, happened.truth, happened.known_before)

    assert (rounds["found_so_far"] + rounds["harm_missed"] == rounds["harm_so_far"]).all()
    assert (rounds["harm_missed"] >= 0).all()
    assert (rounds["harm_found"] <= rounds["reached"]).all()
    assert rounds.groupby("round")["harm_so_far"].nunique().eq(1).all()
    counted = measures.first_found(happened.visits).groupby("policy").size()
    last = rounds[rounds["round"] == rounds["round"].max()].set_index("policy")["found_so_far"]
    assert counted.reindex(last.index, fill_value=0).equals(last.rename(None))


def test_the_oracle_finds_at_least_as_much_as_chance_and_stands_at_one(happened: Replay) -> None:
    found = happened.rounds.groupby("policy")["harm_found"].sum()
    share = happened.rounds.groupby("policy")["share"].mean()

    assert found["oracle"] >= found["random"]
    assert share["oracle"] == pytest.approx(1)
    assert share.max() <= 1 + 1e-9
    assert share["ceiling"] > share["random"]
