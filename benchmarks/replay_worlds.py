"""How do policies fare over two years in each simulated world?

    python benchmarks/replay_worlds.py [--placements 20000] [--rounds 24] [--seeds 1] [--retrain-every 6]
        [--policies ours,greedy,…] [--out FILE]

Prints, for every world and the one of equal risk, a line per policy: harm found and missed, share, the corridor visited
most beyond its share of risk, and what became of those whom business as usual finds. Every figure is simulated.
"""

import argparse
from pathlib import Path

import pandas as pd
from joblib import Parallel, delayed

from risk_model.replay import measures
from risk_model.replay.loop import Course, replay
from risk_model.replay.policies import CEILING, GREEDY, OURS, POLICIES, RANDOM_ALONE, USUAL, find_policies
from risk_model.replay.scenarios import LOOP_WORLDS, turning_round, world_ahead
from risk_model.specification import Specification, read_specification

SPECIFICATION = Path(__file__).resolve().parents[1] / "models" / "placement_risk.yaml"


def one_run(
    world: str, seed: int, asked: argparse.Namespace, specification: Specification
) -> tuple[pd.DataFrame, dict[str, object]]:
    """Replay one world of one seed; return a line per policy, and the figures of the run."""
    policies = find_policies(asked.policies, world=world)
    simulation = world_ahead(
        world, reporting=asked.reporting, placements=asked.placements, rounds=asked.rounds, random_state=seed
    )
    course = Course(asked.rounds, policies, asked.visits, asked.retrain_every, seed)
    happened = replay(simulation, specification, course)
    rounds = measures.by_round(happened.rounds, happened.visits, happened.truth, happened.known_before)
    top = measures.highest_ratio(measures.corridors(happened.visits, happened.truth)).set_index("policy")
    later = measures.made_later(happened.visits, against=USUAL).set_index("policy")
    by_policy = rounds.groupby("policy", sort=False)
    lines = pd.DataFrame(
        {
            "visits": by_policy["visits"].sum(),
            "found": by_policy["found_so_far"].last(),
            "missed": by_policy["harm_missed"].last(),
            "of_harm": by_policy["share_found"].last(),
            "true_risk": by_policy["mean_true_risk"].mean(),
            "share": by_policy["share"].mean(),
            "share_at_10": by_policy["share_at_10"].mean(),
            "top_corridor": top["corridor"],
            "top_ratio": top["ratio"],
            "later": later["later"],
            "not_found": later["not_found"],
        }
    )
    back = None
    if world == "shift" and CEILING in policies:
        back = measures.rounds_to_recover(rounds, policy=OURS, ceiling=CEILING, turned=turning_round(asked.rounds))
    figures = {
        "world": world,
        "seed": seed,
        "lost_5_and_15": measures.lost_to_exploration(rounds, policy=OURS, greedy=GREEDY),
        "lost_5_alone": measures.lost_to_exploration(rounds, policy=RANDOM_ALONE, greedy=GREEDY),
        "rounds_to_recover": back,
    }
    return lines.reset_index().rename(columns={"index": "policy"}).assign(world=world, seed=seed), figures


def main() -> None:
    """Run every world and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--placements", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=24)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--visits", type=float, default=None)
    parser.add_argument("--retrain-every", type=int, default=6)
    parser.add_argument("--reporting", default="rich")
    parser.add_argument("--policies", default=",".join(POLICIES))
    parser.add_argument("--worlds", default=",".join(LOOP_WORLDS))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    specification = read_specification(SPECIFICATION)
    runs = [(world, seed) for world in asked.worlds.split(",") for seed in range(1, asked.seeds + 1)]
    results = Parallel(n_jobs=asked.jobs, return_as="generator_unordered")(
        delayed(one_run)(world, seed, asked, specification) for world, seed in runs
    )
    kept = []
    with pd.option_context("display.width", 200, "display.max_columns", 20, "display.float_format", "{:.3f}".format):
        for lines, figures in results:
            print(f"\nSIMULATED {figures}\n{lines.drop(columns=['world', 'seed']).to_string(index=False)}", flush=True)
            kept.append(lines)
    if asked.out is not None:
        pd.concat(kept, ignore_index=True).to_csv(asked.out, index=False)


if __name__ == "__main__":
    main()
