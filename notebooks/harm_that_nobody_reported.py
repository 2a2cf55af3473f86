# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Harm that nobody reported
#
# A model of complaints ranks those who can complain. This notebook shows why, and goes step by step from complaints
# to a model that learns harm, visits and reporting together. It can be judged because the truth is known.
#
# Every figure here is **simulated**: it says how a method fares if the world is like this, not how workers fare. The
# registers are small, so that this page runs in a minute; the figures to quote are those of 60,000 placements and
# five seeds from `benchmarks/true_harm.py`.

# %%
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from risk_model.data.simulator.simulate import simulate, truth_at
from risk_model.evaluation.report import baselines, judge_on_truth, wilson
from risk_model.evaluation.truth import calibration_on_truth
from risk_model.learning.table_columns import as_columns
from risk_model.learning.training import fit
from risk_model.placements.feature_table import feature_table
from risk_model.placements.labels import known_outcomes, labels
from risk_model.placements.training_table import training_table
from risk_model.replay.learners import learn_ceiling, plain
from risk_model.scoring.scorer import score_columns
from risk_model.specification import Candidates, read_specification

pd.set_option("display.float_format", "{:.3f}".format)
here = Path.cwd() if (Path.cwd() / "models").is_dir() else Path.cwd().parent
specification = read_specification(here / "models" / "placement_risk.yaml")
worlds = ["open", "hidden", "silenced"]
ink, accent, pale = "#1f2933", "#b4531a", "#9aa5b1"
marked = {"x": 0.005, "y": 0.01, "s": "simulated", "color": accent}

# %% [markdown]
# ## Who is harmed, who reports
# Three worlds with the same placements and the same harm. In `open`, workers in households and at sea report half as
# often as a company's. In `hidden` a tenth and a seventeenth, and officers visit by worries that no column shows. In
# `silenced`, bad agencies also keep their workers from reporting. Harm and reports are counted in five half-years.

# %%
horizon = pd.Timedelta(days=specification.horizon_days)
parts = []
for world in worlds:
    larger = simulate(world, reporting="rich", placements=20_000, random_state=1)
    until = larger.world.run.until
    outcomes = known_outcomes(larger.tables, specification, known_before=until)
    employer_of = larger.tables.placements.drop_duplicates("placement_id").set_index("placement_id")["employer_type"]
    for back in range(1, 6):
        truth = truth_at(larger.world, until - back * horizon)
        told = labels(
            outcomes,
            truth["placement_id"],
            as_of=until - back * horizon,
            horizon_days=specification.horizon_days,
        )
        parts.append(
            pd.DataFrame(
                {
                    "world": world,
                    "employer_type": truth["placement_id"].map(employer_of),
                    "harmed": truth["harm"].astype(float),
                    "reported": told["reported"] * truth["harm"].astype(float),
                }
            )
        )
half_years = pd.concat(parts, ignore_index=True)
counted = half_years.groupby(["world", "employer_type"], sort=False)[["harmed", "reported"]].sum()
counted["harmed_share"] = half_years.groupby(["world", "employer_type"], sort=False)["harmed"].mean()
counted["reported_share"] = counted["reported"] / counted["harmed"]
counted["low"], counted["high"] = np.transpose([wilson(row.reported_share, row.harmed) for row in counted.itertuples()])
counted

# %% [markdown]
# Left, who is in harm: the same in every world. Right, of how much of it anybody hears, with 90 % intervals. Even
# where reporting is best nearly all harm stays unreported, and in `hidden` what is heard comes from companies'
# workers. A model of reports learns that picture.

# %%
kinds = ["legal_entity", "household", "sea_based"]
figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
for place, (world, shade) in enumerate(zip(worlds, [pale, accent, ink], strict=True)):
    rows = counted.loc[world].reindex(kinds)
    beside = np.arange(len(kinds)) + 0.27 * (place - 1)
    axes[0].bar(beside, rows["harmed_share"], 0.25, color=shade, label=world)
    axes[1].bar(beside, 1000 * rows["reported_share"], 0.25, color=shade)
    axes[1].vlines(beside, 1000 * rows["low"], 1000 * rows["high"], color=pale if shade == ink else ink, lw=1)
axes[0].set(
    title="Share of placements harmed within half a year", xlabel="employer type", xticks=range(3), xticklabels=kinds
)
axes[1].set(title="Of 1,000 harmed, reported", xlabel="employer type", xticks=range(3), xticklabels=kinds)
axes[0].legend(frameon=False)
figure.text(**marked)
plt.show()

# %% [markdown]
# ## The oracle and the ceiling
# **share** = (mean true risk of the list − mean of the cohort) / (the same for the list in order of true risk). Chance
# is 0. The **oracle** knows the true risk of everybody and has 1. Nobody can have that: part of the risk is in no
# column. The **ceiling** is a ridge logistic with agency effects, trained on the true harm of the same rows: about
# as much as the columns can tell of this many rows.
#
# ## Step by step
# 1. *Complaints first*: visit who complained, then anybody.
# 2. *Reports alone*: a ridge scorecard in which a row without a report counts as "no harm".
# 3. *Visits alone*: the same ridge on what visits found. A row nobody visited has no outcome.
# 4. *Joint likelihood*: harm, finding and reporting fitted together. Silence is not taken for health, and a visit
#    teaches about every row of its placement in the half-year before.

# %%
ridge = specification.model_copy(update={"candidates": Candidates(scorecard={"C": (0.03,)})})
simulations, tables, cohorts, ceilings, scores, orders, judged = {}, {}, {}, {}, {}, {}, {}
for world in worlds:
    simulation = simulate(world, reporting="rich", placements=6_000, random_state=1)
    as_of = simulation.world.run.until
    table = training_table(simulation.tables, specification, as_of, most_cohort_rows=9_000)
    cohort = feature_table(simulation.tables, specification, as_of)
    columns = as_columns(cohort, specification.input_columns)
    truth = simulation.truth[simulation.truth["as_of"] == as_of].set_index("placement_id")
    ceiling = learn_ceiling(simulation.world, simulation.tables, specification, as_of, random_state=0)
    scores[world] = score_columns(fit(table, specification, random_state=0), columns)
    orders[world] = {
        "complaints first": baselines(cohort, random_state=0)["complaints first"],
        "reports alone": score_columns(fit(table.assign(found=np.nan), ridge, random_state=0), columns).risk,
        "visits alone": score_columns(fit(table, ridge, random_state=0), columns).risk,
        "joint likelihood": scores[world].risk,
        "ceiling": ceiling.predict_proba(plain(cohort[list(specification.input_columns)]))[:, 1],
        "oracle": truth["true_risk"].reindex(cohort["placement_id"]).to_numpy(),
    }
    judged[world] = judge_on_truth(orders[world], cohort, simulation.truth, as_of=as_of)
    simulations[world], tables[world], cohorts[world], ceilings[world] = simulation, table, cohort, ceiling
stages = pd.concat(judged, names=["world"]).reset_index("world")
at_tenth = stages[stages["capacity_share"] == 0.10]
at_tenth.pivot(index="order", columns="world", values="share").reindex(index=list(orders["open"]), columns=worlds)

# %% [markdown]
# The bars are what could be done; the line is the ceiling of that world.

# %%
steps = ["complaints first", "reports alone", "visits alone", "joint likelihood"]
shares = at_tenth.pivot(index="world", columns="order", values="share").reindex(worlds)
figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
for place, (step, shade) in enumerate(zip(steps, ["#d9dee3", pale, ink, accent], strict=True)):
    axes.bar(np.arange(len(worlds)) + 0.2 * (place - 1.5), shares[step], 0.19, color=shade, label=step)
axes.hlines(shares["ceiling"], np.arange(3) - 0.42, np.arange(3) + 0.42, color=ink, ls="--", lw=1, label="ceiling")
axes.axhline(0, color=ink, lw=0.8)
axes.set(
    xticks=range(3),
    xticklabels=worlds,
    ylim=(min(-0.05, shares[steps].min().min()), 1),
    ylabel="share (0 chance, 1 true order)",
    title="List of 10 %: how far towards the order of true risk",
)
axes.legend(frameon=False, ncols=3, loc="upper left")
figure.text(**marked)
plt.show()

# %% [markdown]
# The same in people: of all harmed, the share on the list, and the share of the list that is harmed.

# %%
at_tenth.pivot(index="order", columns="world", values=["recall", "precision"]).reindex(list(orders["open"]))

# %% [markdown]
# Complaints, and a model of them, are about as good as chance. Visits tell more, though they are only some hundreds.
# The joint likelihood is well ahead in `open` and `hidden`, and a little in `silenced`. All stay under the ceiling,
# which saw the harm of thousands; with the visits of 60,000 placements the model comes nearer (`docs/learning.md`).
# Another seed may put two steps that are close the other way round.
#
# ## When the visit came
# A row asks about the next 180 days. A visit early in them, before departure, cannot see harm that begins abroad. So a
# row followed by such a visit is not "no harm"; how much a visit sees at each stage and lag is part of the fit.

# %%
seen = pd.concat([table[table["found_within"].notna()].assign(world=world) for world, table in tables.items()])
seen["month"] = (seen["visit_lag_days"] // 30 + 1).astype(int)
by_lag = seen.groupby(["stage", "month"])["found_within"].agg(found="mean", visits="size")
by_lag["low"], by_lag["high"] = np.transpose([wilson(row.found, row.visits) for row in by_lag.itertuples()])
figure, axes = plt.subplots(figsize=(7.5, 3.4), layout="constrained")
for stage, shade in (("before", accent), ("during", ink), ("after", pale)):
    rows = by_lag.loc[stage].query("visits >= 30")
    axes.plot(rows.index, rows["found"], "o-", color=shade, label=f"{stage} work")
    axes.fill_between(rows.index, rows["low"], rows["high"], color=shade, alpha=0.15, lw=0)
axes.set(xlabel="month after the row's date in which the visit came", ylabel="share that found harm", ylim=(0, None))
axes.set_title("What a visit finds, by stage of the row and lag (three worlds, 90 % intervals)")
axes.legend(frameon=False)
figure.text(**marked)
plt.show()

# %% [markdown]
# ## How the visit came about
# Found rates of visits drawn by a list, chosen outside any list, and made after a complaint.

# %%
seen["way"] = np.select(
    [seen["after_complaint"] == 1, seen["outside_list"] == 1],
    ["after a complaint", "officers' choice"],
    "drawn by a list",
)
seen.pivot_table(index="way", columns="world", values="found_within", aggfunc=["mean", "size"])

# %% [markdown]
# Raw rates mix whom a visit went to with what officers knew: lists go where the published rates are high. So hold the
# truth against what the columns can explain, which is the ceiling's risk. Above 1, a group is worse off than its
# columns say: `true_risk` shows what officers suspected, `harm` what complaints tell beyond that. (Rows of whole
# cohorts; those nobody visited stand for all like them.)

# %%
parts = []
for world in worlds:
    table = tables[world][tables[world]["whole_cohort"]]
    explained = ceilings[world].predict_proba(plain(table[list(specification.input_columns)]))[:, 1]
    known = pd.concat([truth_at(simulations[world].world, date) for date in table["as_of"].unique()])
    parts.append(
        table.assign(world=world, explained=explained).merge(
            known[["placement_id", "as_of", "true_risk", "harm"]], on=["placement_id", "as_of"]
        )
    )
dated = pd.concat(parts, ignore_index=True)
dated["way"] = np.select(
    [dated["after_complaint"] == 1, dated["outside_list"] == 1, dated["outside_list"] == 0],
    ["after a complaint", "officers' choice", "drawn by a list"],
    "nobody came",
)
weighted = dated[["explained", "true_risk", "harm"]].astype(float).mul(dated["row_weight"], axis=0)
sums = weighted.groupby([dated["world"], dated["way"]]).sum().assign(rows=dated.groupby(["world", "way"]).size())
beyond = sums[["rows"]].assign(**{name: sums[name] / sums["explained"] for name in ("true_risk", "harm")})
beyond.unstack("world").reindex(columns=worlds, level=1)

# %% [markdown]
# Those nobody visited are as their columns say. Those officers chose are worse off in `hidden` and `silenced`, where
# they follow a worry, and not in `open`, where they follow none. After a complaint about twice as many are harmed as
# the columns say, though these are only some thirty rows a world. (Drawn by a list lies above 1 in true risk too,
# probably because lists take the highest published rates and a ridge pulls the highest risks towards the middle.)
#
# This is why the fit gives visits outside lists and after complaints offsets of their own that no score uses. Without
# them it would ascribe what officers knew, and what complaints told, to the columns of those they visited.
#
# ## What the numbers mean
# Placements in ten groups by risk: the mean risk with its mean 90 % interval, against the mean true risk. On the line,
# a risk means what it says.

# %%
figure, axes = plt.subplots(1, 3, figsize=(10, 3.6), layout="constrained", sharex=True, sharey=True)
for world, axis in zip(worlds, axes, strict=True):
    true = pd.DataFrame(
        {
            "risk": scores[world].risk,
            "low": scores[world].low,
            "high": scores[world].high,
            "true_risk": orders[world]["oracle"],
        }
    )
    tenths = true.groupby(pd.qcut(true["risk"].rank(method="first"), 10, labels=range(1, 11)), observed=True).mean()
    axis.plot([0, 0.6], [0, 0.6], color=pale, lw=1)
    axis.hlines(tenths["true_risk"], tenths["low"], tenths["high"], color=pale, lw=5)
    axis.plot(tenths["risk"], tenths["true_risk"], "o", color=accent, ms=4)
    axis.set(title=world, xlabel="risk, with its interval")
axes[0].set_ylabel("true risk")
figure.text(**marked)
plt.show()

# %%
calibrated = {}
for world in worlds:
    cohort, as_of = cohorts[world], simulations[world].world.run.until
    truth = truth_at(simulations[world].world, as_of).set_index("placement_id").reindex(cohort["placement_id"])
    calibrated[world] = calibration_on_truth(
        scores[world].risk,
        scores[world].low,
        scores[world].high,
        truth["true_risk"],
        truth["harm"],
        strata=cohort["destination"] + "-" + cohort["sector"],
    )
kept = ["rows", "without_number", "ece_true_risk", "slope", "predicted_over_observed", "coverage", "mean_width"]
pd.DataFrame(calibrated).loc[kept]

# %% [markdown]
# `coverage` is the share of placements whose interval holds the mean true risk of those who score alike in their
# corridor. With few visits the intervals are wide and the level itself is unsure: `predicted_over_observed` is far
# under 1 in `open`, and near it in the others. The order of placements needs fewer visits than the level of their
# risk does.
#
# ## What this cannot say
# - That the world is like one of these three. How much a visit finds, what officers know and who stays silent are
#   assumptions; detection is declared (0.92) and cannot be learnt from visits that are made once.
# - How large the effect of a step is. One seed and a small register show the order of things, not figures to quote.
# - Who in particular is harmed. A risk is about placements alike in the columns; what no column shows stays unseen,
#   and the distance from the ceiling to 1 is that part.
# - Anything about corridors never seen: they get no number, and a person decides.
# - Anything about workers who left outside procedure: they are in no register.
# - That whoever is low on the list is safe. It only says where a visit is less likely to find harm.
# - How much is missed in all: that needs visits drawn by chance and is `risk-model prevalence`.
