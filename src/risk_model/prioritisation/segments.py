"""How often do visits find harm in each segment, how sure is that, and where is supervision hard?

Figures of groups go together with what the group is; they do not say what would happen if it were otherwise.
Everything is as of a date, about at least ten placements or visits, and rounded (`disclosure`).
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from risk_model.data.schema import Tables
from risk_model.placements.published_rule import SURVEYED_HARM, published_rule
from risk_model.prioritisation.disclosure import enough, shown_count
from risk_model.prioritisation.quantiles import beta_quantile
from risk_model.prioritisation.segment_counts import LISTS, USUAL, Counted, count
from risk_model.prioritisation.segment_names import BY
from risk_model.prioritisation.shrinkage import INTERVAL, Known, shrunken_rates
from risk_model.prioritisation.units import corridor
from risk_model.scoring.scorer import score_columns

Floats = NDArray[np.float64]

MIX: Final = ["employer_type", "at_stage", "chosen"]
"""Within these groups visits are expected to find alike, whatever the segment."""
Z: Final = NormalDist().inv_cdf(INTERVAL[1])
RATE_DIGITS: Final = 2
RATIO_DIGITS: Final = 1
SURVEYS: Final = "surveys: ILO 2023, Justice Centre Hong Kong 2016"
COUNTS: Final = "complaints per placement: Kompas 18 Dec 2024"
OWN: Final = "other segments of this register"


def segments(tables: Tables, as_of: pd.Timestamp, *, by: Sequence[str] = BY) -> pd.DataFrame:
    """Return one row per segment of the cohort at `as_of`.

    Columns, null where fewer than ten stand behind them:

    - those of `by`; "(other)" holds segments too small to show;
    - `placements` (rounded to five), `list_visits`, `usual_visits` (reached somebody, last 12 months, rounded);
    - `rate`, `low`, `high`: share of visits that find harm, last 12 months, lists of known probability, weighted by
      one over it and shrunken towards what is alike (90 %); with fewer than ten visits the prior alone;
    - `prior_rate`, `prior_rows` (its weight in visits), `prior_source`: what it is made of;
    - `trend`, `trend_low`, `trend_high`: rate less that of the 12 months before; `trend_from`: of which visits;
    - `reported_per_1000` complaints a year, `reports_ratio` to the year before with `reports_low`, `reports_high`;
    - `found`, `expected` (if the segment found as its mix of employer type, stage and way of choosing does
      elsewhere), `ratio` with `ratio_low`, `ratio_high` (Byar), from all visits, each against its own kind;
    - `not_reached`: share of visits, last 12 months, that reached nobody; `data_origin`.

    Args:
        tables: of the whole register; nothing recorded on or after `as_of` is read.
        as_of: the date.
        by: columns from coarse to fine, of `segment_names.GROUPABLE`.

    Raises:
        InputError: `by` names a column by which placements are not grouped.
    """
    counted = count(tables, as_of, by)
    frame = counted.segments.rename(columns=dict(zip(counted.cells, counted.by, strict=True)))
    visits = counted.visits[counted.visits["reached"]]
    recent = visits[visits["recent"]]
    frame["placements"] = shown_count(counted.per_segment(counted.placements))
    for kind in (LISTS, USUAL):
        name = "list_visits" if kind == LISTS else "usual_visits"
        frame[name] = shown_count(counted.per_segment(recent[recent["kind"] == kind]))
    parts = (
        _rates(counted, recent[recent["kind"] == LISTS]),
        _trend(counted, visits),
        _reports(counted),
        _expected(counted, recent),
        _not_reached(counted),
    )
    origin = "simulated" if (tables.placements["data_origin"] == "simulated").any() else "real"
    return pd.concat([frame, *parts], axis=1).assign(data_origin=origin)


def hard_to_supervise(tables: Tables, as_of: pd.Timestamp, *, by: Sequence[str] = ("sector",)) -> pd.DataFrame:
    """Return what makes each segment hard to supervise, a column for each reason and no index made of them.

    Columns: those of `by`, `placements`, `visits_per_1000` (reached somebody, last 12 months), `rate`, `low`, `high`,
    `interval_width`, `reported_per_1000`, `found_per_report` (harm the rate expects among the placements, per
    complaint of a year; null with fewer than ten complaints), `not_reached`, `in_unvisited_corridors` (share of
    placements whose destination and sector had no visit in the last 12 months), `data_origin`.
    The widest interval comes first: where least is known. Ties in order of names.
    """
    counted, frame = count(tables, as_of, by), segments(tables, as_of, by=by)
    members = counted.per_segment(counted.placements)
    visits = counted.visits[counted.visits["reached"] & counted.visits["recent"]]
    made = counted.per_segment(visits)
    reports = counted.per_segment(counted.reports[counted.reports["recent"]])
    unvisited = ~corridor(counted.placements).isin(visits["corridor"])
    harmed = frame["rate"].astype(float) * members
    frame = frame.assign(
        visits_per_1000=_whole((1000 * made / members).where(enough(made))),
        interval_width=(frame["high"] - frame["low"]).round(RATE_DIGITS),
        found_per_report=_whole((harmed / reports.where(reports > 0)).where(enough(reports))),
        in_unvisited_corridors=counted.share(unvisited).round(RATE_DIGITS),
    )
    shown = [*counted.by, "placements", "visits_per_1000", "rate", "low", "high", "interval_width"]
    shown += ["reported_per_1000", "found_per_report", "not_reached", "in_unvisited_corridors", "data_origin"]
    ascending = [False] + [True] * len(counted.by)
    return frame.sort_values(["interval_width", *counted.by], ascending=ascending, ignore_index=True)[shown]


def _rates(counted: Counted, visits: pd.DataFrame) -> pd.DataFrame:
    risk = score_columns(published_rule(), counted.placements).risk
    published = counted.placements[counted.cells].assign(published=risk)
    named = [place for place, name in enumerate(counted.by, start=1) if name in ("destination", "sector")]
    at = max(named, default=len(counted.by))
    shown = enough(counted.per_segment(visits)).to_numpy()
    whole = shrunken_rates(Known(visits, published, counted.lists), counted.segments, published_at=at)
    # under ten visits only the prior is shown, so that nobody's visit can be read from a rate
    rate = np.where(shown, whole.rate, whole.prior)
    bounds = [
        beta_quantile(level, whole.prior_rows * whole.prior, whole.prior_rows * (1 - whole.prior)) for level in INTERVAL
    ]
    return pd.DataFrame(
        {
            "rate": rate.round(RATE_DIGITS),
            "low": np.where(shown, whole.low, bounds[0]).round(RATE_DIGITS),
            "high": np.where(shown, whole.high, bounds[1]).round(RATE_DIGITS),
            "prior_rate": whole.prior.round(RATE_DIGITS),
            "prior_rows": _whole(pd.Series(whole.prior_rows)),
            "prior_source": _sources(counted, published),
        }
    )


def _sources(counted: Counted, published: pd.DataFrame) -> pd.Series:
    given = published["published"].notna()
    surveyed = counted.placements["destination"].isin(list(SURVEYED_HARM))
    has = [counted.share(given & kind) > 0 for kind in (surveyed, ~surveyed)]
    names = [[SURVEYS] * survey + [COUNTS] * counts + [OWN] for survey, counts in zip(*has, strict=True)]
    return pd.Series(["; ".join(parts) for parts in names], dtype="str")


def _trend(counted: Counted, visits: pd.DataFrame) -> pd.DataFrame:
    """Compare like with like: lists with lists where both years have ten visits, else usual with usual."""
    found = pd.DataFrame(
        np.nan, index=counted.segments.index, columns=["trend", "trend_low", "trend_high"], dtype="float64"
    )
    source = pd.Series(pd.NA, index=counted.segments.index, dtype="str")
    for kind in (USUAL, LISTS):
        sides = [
            _rate_and_variance(counted, visits[(visits["kind"] == kind) & (visits["recent"] == side)])
            for side in (True, False)
        ]
        both = sides[0]["shown"] & sides[1]["shown"]
        change = sides[0]["rate"] - sides[1]["rate"]
        width = Z * np.sqrt(sides[0]["variance"] + sides[1]["variance"])
        values = pd.DataFrame({"trend": change, "trend_low": change - width, "trend_high": change + width})
        found[both] = values.round(RATE_DIGITS)[both]
        source = source.where(~both, kind)
    return found.assign(trend_from=source)


def _rate_and_variance(counted: Counted, visits: pd.DataFrame) -> pd.DataFrame:
    """Return the weighted rate with half a finding and half a none added (Jeffreys), and its variance."""
    weights = visits[counted.cells].assign(
        w=visits["weight"], ww=visits["weight"] ** 2, wy=visits["weight"] * visits["found"]
    )
    summed = counted.segments.merge(weights.groupby(counted.cells, as_index=False).sum(), on=counted.cells, how="left")
    n = (summed["w"] ** 2 / summed["ww"]).fillna(0.0)
    rate = (n * (summed["wy"] / summed["w"]).fillna(0.0) + 0.5) / (n + 1)
    return pd.DataFrame(
        {"rate": rate, "variance": rate * (1 - rate) / (n + 2), "shown": enough(counted.per_segment(visits))}
    )


def _reports(counted: Counted) -> pd.DataFrame:
    recent = counted.reports["recent"]
    now, then = (counted.per_segment(counted.reports[side]) for side in (recent, ~recent))
    size, before = counted.per_segment(counted.placements), counted.per_segment(counted.before)
    both = enough(now) & enough(then) & enough(before)
    odds = (size / before.where(before > 0)).to_numpy(float)
    # given how many there are in both years, those of the last are binomial (Przyborowski and Wilenski 1940)
    low, high = beta_quantile(INTERVAL[0], now, then + 1), beta_quantile(INTERVAL[1], now + 1, then)
    ratios = {
        "reports_ratio": now / then.where(then > 0),
        "reports_low": low / (1 - low),
        "reports_high": high / (1 - high),
    }
    columns = {"reported_per_1000": _whole((1000 * now / size).where(enough(now)))}
    return pd.DataFrame(
        columns | {name: pd.Series(value / odds).round(RATIO_DIGITS).where(both) for name, value in ratios.items()}
    )


def _expected(counted: Counted, visits: pd.DataFrame) -> pd.DataFrame:
    chance = visits.groupby(MIX)["found"].transform("mean")
    summed = (
        visits[counted.cells]
        .assign(found=visits["found"], expected=chance)
        .groupby(counted.cells, as_index=False)
        .sum()
    )
    both = counted.segments.merge(summed, on=counted.cells, how="left").fillna({"found": 0.0, "expected": 0.0})
    found, expected = both["found"], both["expected"].where(both["expected"] > 0)
    # Byar's approximation to the Poisson interval (Breslow and Day 1987)
    low = found * (1 - 1 / (9 * found.where(found > 0)) - Z / (3 * np.sqrt(found.where(found > 0)))) ** 3
    high = (found + 1) * (1 - 1 / (9 * (found + 1)) + Z / (3 * np.sqrt(found + 1))) ** 3
    shown = enough(found)
    ratios = {"ratio": found, "ratio_low": low, "ratio_high": high}
    counts = {"found": shown_count(found), "expected": shown_count(expected.round(0).where(shown))}
    return pd.DataFrame(
        counts | {name: (value / expected).round(RATIO_DIGITS).where(shown) for name, value in ratios.items()}
    )


def _not_reached(counted: Counted) -> pd.DataFrame:
    tried = counted.visits[counted.visits["recent"]]
    attempts, reached = counted.per_segment(tried), counted.per_segment(tried[tried["reached"]])
    share = 1 - reached / attempts.where(attempts > 0)
    return pd.DataFrame({"not_reached": share.round(RATE_DIGITS).where(enough(attempts))})


def _whole(values: pd.Series) -> pd.Series:
    return values.round(0).astype("Int64")
