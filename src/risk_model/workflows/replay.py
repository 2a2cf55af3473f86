"""What does `risk-model replay` run, write and show?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pandas as pd

from risk_model.data.simulator.worlds import DATA_ORIGIN
from risk_model.frame_files import write_frame
from risk_model.replay import measures
from risk_model.replay.loop import Course, Replay
from risk_model.replay.loop import replay as run_loop
from risk_model.replay.policies import CEILING, GREEDY, OURS, POLICIES, RANDOM_ALONE, SHIFT, USUAL
from risk_model.replay.scenarios import turning_round, world_ahead
from risk_model.specification import read_specification

Progress = Callable[[int, int, str], None]

MARK: Final = "every figure here is SIMULATED: it says how a policy fares if the world is like this"
SHOWN_STEPS: Final = 4
CHEAP_PLACEMENTS: Final = 20_000
"""Up to this size what is learnt is learnt anew every round by default, beyond it every third."""
COSTLY_RETRAIN: Final = 3


def replay(
    world: str,
    course: Course,
    *,
    reporting: str,
    placements: int,
    specification_file: Path,
    out: Path | None,
    progress: Progress,
) -> dict[str, Any]:
    """Run the closed loop in `world`; with `out` write one row per policy and round there, and corridors beside it.

    Returns:
        What was run, a line per policy, the share of true harm found by round, each policy's most over-visited
        corridor, and what became of those whom business as usual finds.
    """
    progress(0, 1, f"simulating {placements:,} placements")
    simulation = world_ahead(
        world, reporting=reporting, placements=placements, rounds=course.rounds, random_state=course.random_state
    )
    happened = run_loop(simulation, read_specification(specification_file), course, progress=progress)
    rounds = measures.by_round(happened.rounds, happened.visits, happened.truth, happened.known_before)
    corridors = measures.corridors(happened.visits, happened.truth)
    if out is not None:
        for frame, file in ((rounds, out), (corridors, out.with_name(f"{out.stem}.corridors{out.suffix}"))):
            marked = frame.assign(world=world, reporting=reporting, seed=course.random_state, data_origin=DATA_ORIGIN)
            write_frame(marked, file)
    return {
        "simulated": MARK,
        "world": f"{world}, {reporting} reporting, {placements:,} placements, seed {course.random_state}",
        "loop": f"{course.rounds} monthly rounds, {course.capacity(0, placements)} visits in the first; "
        f"learnt anew every {course.retrain_every} round(s)",
        **_findings(rounds, happened, world, course),
        "policies": _policies(rounds),
        "share_of_true_harm_found": _by_round(rounds, course.policies),
        "most_over-visited_corridor": _corridors(corridors),
        "whom_business_as_usual_finds": _later(happened.visits),
        "names": [{"policy": name, "visits": POLICIES[name].title} for name in course.policies],
        "file": str(out) if out else None,
    }


def default_retraining(placements: int) -> int:
    """Return after how many rounds a register of this size is learnt from anew, where nobody says otherwise."""
    return 1 if placements <= CHEAP_PLACEMENTS else COSTLY_RETRAIN


def _findings(rounds: pd.DataFrame, happened: Replay, world: str, course: Course) -> dict[str, Any]:
    found: dict[str, Any] = {
        f"harm_found_lost_to_exploration_{policy}": measures.lost_to_exploration(rounds, policy=policy, greedy=GREEDY)
        for policy in (OURS, RANDOM_ALONE)
        if policy in course.policies and GREEDY in course.policies
    }
    if world == SHIFT and {OURS, CEILING} <= set(course.policies):
        turned = turning_round(course.rounds)
        back = measures.rounds_to_recover(rounds, policy=OURS, ceiling=CEILING, turned=turned)
        found["corridor_turns_in_round"] = turned + 1
        found["rounds_until_0.85_of_the_ceiling"] = "not within the rounds" if back is None else back
    return found


def _policies(rounds: pd.DataFrame) -> list[dict[str, Any]]:
    by_policy = rounds.groupby("policy", sort=False)
    lines = pd.DataFrame(
        {
            "visits": by_policy["visits"].sum(),
            "found": by_policy["found_so_far"].last(),
            "missed": by_policy["harm_missed"].last(),
            "of harm": by_policy["share_found"].last(),
            "true risk": by_policy["mean_true_risk"].mean(),
            "share": by_policy["share"].mean(),
            "at 10 %": by_policy["share_at_10"].mean(),
        }
    )
    return _records(lines.sort_values("found", ascending=False, kind="stable").reset_index())


def _by_round(rounds: pd.DataFrame, policies: tuple[str, ...]) -> list[dict[str, Any]]:
    wide = rounds.pivot_table(index="policy", columns="round", values="share_found").reindex(policies)
    last = wide.shape[1] - 1
    shown = sorted({round(step * last / SHOWN_STEPS) for step in range(SHOWN_STEPS + 1)})
    return _records(wide[shown].rename(columns=lambda at: f"round {at + 1}").reset_index())


def _corridors(corridors: pd.DataFrame) -> list[dict[str, Any]]:
    names = {
        "policy": "policy",
        "corridor": "corridor",
        "visit_share": "visits",
        "risk_share": "risk",
        "ratio": "ratio",
    }
    return _records(measures.highest_ratio(corridors)[list(names)].rename(columns=names))


def _later(visits: pd.DataFrame) -> list[dict[str, Any]]:
    lines = measures.made_later(visits, against=USUAL).drop(columns="found_by_other")
    return _records(lines.rename(columns=lambda name: str(name).replace("_", " ")))


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
