"""Do visits find more harm than was predicted, whenever one cares to look?

A test by betting. Each visit is a bet against "the chance of a finding is at most what was predicted":
a finding multiplies the stake by r/(1 - m + rm), none by 1/(1 - m + rm), where m is the chance that is
still allowed and r the odds ratio that is betted on. If the prediction holds, the stake is not expected
to grow, and by Ville's inequality (1939) it ever reaches 1/a with probability at most a: at any time,
however often one looks (Shafer 2021; Waudby-Smith & Ramdas 2024). `docs/drift.md` argues why visits of
several arms may be used without weights, and says what the figures are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import beta

Floats = NDArray[np.float64]

OVERALL: Final = "overall"
OTHER_CORRIDORS: Final = "other corridors"
ALL_STAGES: Final = "all"

ODDS_RATIOS: Final = (1.5, 3.0, 6.0)
"""The odds ratios betted on, with equal stakes: a drift, a clear change, and a corridor that turns."""
FROM_THE_START: Final = 0.5
"""Half of each stake is betted from the first round; the other half is kept and put in bit by bit, one part of
it from each later round j with the share 1/(j(j + 1)), for changes that come late."""
STREAM_SHARES: Final = {"worse": 0.15, "better": 0.05}
"""Of the whole stake, what is betted on all visits together; corridors share the rest by the root of their size."""
SMALLEST_STREAM: Final = 0.005
"""A corridor with less than this share of the cohort is betted on together with the other small ones."""
SMALLEST_BASELINE: Final = 30
"""A stage with fewer visits than this in the baseline takes the factor of all stages together."""


@dataclass(frozen=True)
class AlarmRule:
    """What the alarm promises: at most `false_alarms` over all streams and all time.

    `baseline_share` of that is spent on not knowing the factors exactly. Odds of a finding up to `tolerance`
    higher (or as much lower) than the factors make expected are no alarm; odds, as high chances leave no room.
    """

    false_alarms: float = 0.05
    baseline_share: float = 0.2
    tolerance: float = 0.2

    @property
    def needed(self) -> float:
        """The stake, started at 1, at which the whole of the streams alarms."""
        return 1 / (self.false_alarms * (1 - self.baseline_share))


@dataclass(frozen=True)
class Alarm:
    """What the bets came to.

    `streams`: one row per stream and direction: visits, found, predicted, allowed (by the factors and the
    tolerance), evidence (the stake it came to at its highest, started at 1), needed (for this stream alone),
    alarm (bool), first_round (null where none). `evidence`: the highest stake of all streams together;
    `first_round`: when that reached what is needed, null where it never did.
    """

    streams: pd.DataFrame
    evidence: float
    needed: float
    first_round: int | None


def stage_factors(baseline: pd.DataFrame, rule: AlarmRule) -> pd.DataFrame:
    """Return by how much findings differed from predictions in a time before, per stage, with bounds.

    A score speaks of harm within a horizon, a visit of harm at its moment, and how the two relate differs
    by stage. Bounds: Clopper-Pearson, which holds for unequal chances too (Hoeffding 1956), at a level
    that makes all of them hold together.

    Args:
        baseline: `stage`, `predicted` (chance of a finding) and `found` (0/1) of visits before the first round.
        rule: how much error may be spent here.

    Returns:
        One row per stage and one for "all": stage, visits, predicted (sum), found, factor, low, high. Without
        any visit factor, low and high are 1.
    """
    stages = [*sorted(baseline["stage"].dropna().unique()), ALL_STAGES]
    level = rule.false_alarms * rule.baseline_share / (2 * len(stages))
    rows = []
    for stage in stages:
        part = baseline if stage == ALL_STAGES else baseline[baseline["stage"] == stage]
        n, found, expected = len(part), float(part["found"].sum()), float(part["predicted"].sum())
        low = float(beta.ppf(level, found, n - found + 1)) * n if found else 0.0
        high = float(beta.ppf(1 - level, found + 1, n - found)) * n if found < n else float(n)
        bounds = (found / expected, low / expected, high / expected) if expected > 0 else (1.0, 1.0, 1.0)
        rows.append((stage, n, expected, found, *bounds))
    return pd.DataFrame(rows, columns=["stage", "visits", "predicted", "found", "factor", "low", "high"])


def corridor_weights(corridors: pd.Series) -> dict[str, float]:
    """Return the share of the corridors' stake that each stream gets, adding up to 1.

    Args:
        corridors: the corridor of each placement of the cohort at the first round.
    """
    counts = corridors.value_counts()
    large = counts[counts >= SMALLEST_STREAM * counts.sum()]
    sizes = {**large.to_dict(), OTHER_CORRIDORS: max(1, int(counts.sum() - large.sum()))}
    total = sum(np.sqrt(size) for size in sizes.values())
    return {str(name): float(np.sqrt(size) / total) for name, size in sorted(sizes.items(), key=lambda item: -item[1])}


def alarm(
    visits: pd.DataFrame, factors: pd.DataFrame, corridors: Mapping[str, float], rule: AlarmRule | None = None
) -> Alarm:
    """Bet on every visit in order of its round, and say whether and where the stake grew too far.

    Args:
        visits: `round` (whole, from 0), `corridor`, `stage`, `predicted` (chance of a finding, in [0, 1], said
            before the visit) and `found` (0/1), one row per visit that reached somebody.
        factors: of `stage_factors`.
        corridors: of `corridor_weights`; a corridor not named belongs to "other corridors".
        rule: what is promised.
    """
    rule = rule or AlarmRule()
    placed = visits.assign(
        stream=visits["corridor"].where(visits["corridor"].isin(list(corridors)), OTHER_CORRIDORS),
        worse=_expected(visits, factors, "worse", rule),
        better=_expected(visits, factors, "better", rule),
    )
    rounds = int(visits["round"].max()) + 1 if len(visits) else 0
    shares = {(OVERALL, side): share for side, share in STREAM_SHARES.items()}
    left = 1 - sum(STREAM_SHARES.values())
    shares |= {(name, "worse"): left * share for name, share in corridors.items()}
    together, rows = np.zeros(rounds), []
    for (name, side), share in shares.items():
        part = placed if name == OVERALL else placed[placed["stream"] == name]
        found, chance = part["found"].to_numpy(float), part[side].to_numpy(float)
        if side == "better":
            found, chance = 1 - found, 1 - chance
        stake = evidence(found, chance, part["round"].to_numpy(int), rounds)
        together += share * stake
        rows.append(_stream_row(name, side, part, stake, rule.needed / share))
    reached = np.flatnonzero(together >= rule.needed)
    return Alarm(
        streams=pd.DataFrame(rows).sort_values(["alarm", "evidence"], ascending=False, ignore_index=True),
        evidence=float(together.max(initial=1.0)),
        needed=rule.needed,
        first_round=int(reached[0]) if len(reached) else None,
    )


def evidence(found: Floats, allowed: Floats, rounds: NDArray[np.int64], n_rounds: int) -> Floats:
    """Return the stake, started at 1, after each of `n_rounds` rounds.

    Where the chance of each finding, given all before it, is at most `allowed`, the stake has an expectation of
    at most 1 at any time. For a test that harm is at least what is allowed give 1 - found and 1 - allowed.

    Args:
        found: 0/1, one per visit.
        allowed: highest chance of a finding under what is tested, in [0, 1].
        rounds: the round of each visit, from 0.
        n_rounds: how many rounds to return.
    """
    starts = np.arange(1, n_rounds)
    log_share = np.log(1 - FROM_THE_START) - np.log(starts * (starts + 1.0))
    kept = np.log(1 - FROM_THE_START) - np.log(np.arange(1, n_rounds + 1))
    parts = []
    for odds in ODDS_RATIOS:
        gains = found * np.log(odds) - np.log1p(allowed * (odds - 1))
        total = np.cumsum(np.bincount(rounds, gains, minlength=n_rounds))[:n_rounds]
        late = np.where(starts[:, None] <= np.arange(n_rounds), total - total[starts - 1][:, None], -np.inf)
        stakes = np.vstack([np.log(FROM_THE_START) + total, log_share[:, None] + late, kept])
        parts.append(logsumexp(stakes, axis=0) - np.log(len(ODDS_RATIOS)))
    return np.exp(np.minimum(logsumexp(np.array(parts), axis=0), 700.0)) if n_rounds else np.zeros(0)


def _expected(visits: pd.DataFrame, factors: pd.DataFrame, side: str, rule: AlarmRule) -> Floats:
    """Return the highest (worse) or lowest (better) chance of a finding that is no alarm.

    The bound of the factor, or what the tolerance allows around the factor itself, whichever is wider.
    """
    by_stage = factors.set_index("stage")
    enough = by_stage[(by_stage["visits"] >= SMALLEST_BASELINE) & (by_stage.index != ALL_STAGES)]
    predicted, chances = visits["predicted"].to_numpy(float), []
    for name in ("factor", "high" if side == "worse" else "low"):
        factor = visits["stage"].map(enough[name]).fillna(float(by_stage[name].to_dict()[ALL_STAGES]))
        chances.append(np.minimum(predicted * factor.to_numpy(float), 1.0))
    tolerance = 1 + rule.tolerance if side == "worse" else 1 / (1 + rule.tolerance)
    tolerated = tolerance * chances[0] / (1 + (tolerance - 1) * chances[0])
    wider = np.maximum if side == "worse" else np.minimum
    return np.asarray(wider(tolerated, chances[1]))


def _stream_row(name: str, side: str, part: pd.DataFrame, stake: Floats, needed: float) -> dict[str, object]:
    reached = np.flatnonzero(stake >= needed)
    return {
        "stream": name,
        "direction": side,
        "visits": len(part),
        "found": int(part["found"].sum()),
        "predicted": float(part["predicted"].sum()),
        "allowed": float(part[side].sum()),
        "evidence": float(stake.max(initial=1.0)),
        "needed": needed,
        "alarm": len(reached) > 0,
        "first_round": int(reached[0]) if len(reached) else None,
    }
