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
# # Sectors hard to supervise
#
# A governor asks: which sectors are hard to supervise? The answer here is not one number. It is how many
# placements there are, how many were visited, how sure the rate of findings is, how little of the harm is
# reported, who could not be reached, and how many work in corridors nobody visited.
#
# Everything here is **simulated**: the figures say how the method behaves in a world whose truth is known,
# not how workers fare.

# %%
import matplotlib.pyplot as plt
import pandas as pd

from risk_model import vocabulary
from risk_model.data.simulator.simulate import simulate, true_risk
from risk_model.prioritisation.segments import hard_to_supervise, segments

pd.set_option("display.precision", 2)
simulation = simulate("hidden", reporting="rich", placements=20_000, random_state=1)
tables = simulation.tables
as_of = simulation.world.run.until
marked = {"x": 0.99, "y": 0.01, "s": "simulated", "ha": "right", "color": "#b4531a"}

# %% [markdown]
# ## The table
# One column for each reason, and no index made of them: an index would decide for the reader how much a
# missing visit weighs against a missing report. The widest interval comes first, where least is known.
# `found_per_report` is how many placements in harm the rate expects for each complaint of a year.

# %%
hard = hard_to_supervise(tables, as_of)
hard["label"] = [vocabulary.label("sectors", sector, "en") for sector in hard["sector"]]
hard.drop(columns="data_origin")

# %% [markdown]
# ## How sure is each rate?
# The bar is the 90 % interval of the share of visits that find harm; the dot is the shrunken rate. A sector with
# few visits drawn by chance borrows from the others, and its interval says so. The cross is the truth, which
# only a simulator knows: the mean chance that a visit finds harm, were everybody visited today.

# %%
risk = true_risk(simulation.world, as_of, horizon=0.01)
sector_of = tables.placements.drop_duplicates("placement_id", keep="last").set_index("placement_id")["sector"]
truth = 0.92 * risk.groupby(sector_of.reindex(risk.index)).mean()
ordered = hard.iloc[::-1]
figure, axes = plt.subplots(figsize=(7.5, 4.5), layout="constrained")
axes.hlines(ordered["label"], ordered["low"], ordered["high"], color="#9aa5b1", lw=6)
axes.plot(ordered["rate"], ordered["label"], "o", color="#1f2933", label="rate, shrunken")
axes.plot(ordered["sector"].map(truth), ordered["label"], "x", color="#b4531a", label="truth (simulator)")
axes.set(xlabel="share of visits that find harm", title="Rate of findings by sector, with its 90 % interval")
axes.legend(frameon=False)
figure.text(**marked)
plt.show()

# %% [markdown]
# ## Reported and found
# In this world isolated workers hardly report. Where harm is found and few complain, complaints are a poor guide
# to where supervision is missing. An empty cell has fewer than ten complaints behind it.

# %%
hard[["label", "placements", "rate", "reported_per_1000", "found_per_report", "in_unvisited_corridors"]]

# %% [markdown]
# ## Corridors: expected against found
# `expected` is what the visits of a corridor would have found if they found as visits to the same mix of employer
# type, stage and way of choosing do elsewhere. Above 1 the corridor stands out beyond its mix. Visits that
# officers chose are compared among themselves.

# %%
corridors = segments(tables, as_of, by=("destination", "sector"))
stand_out = corridors.dropna(subset=["ratio"]).sort_values("ratio", ascending=False)
stand_out[["destination", "sector", "placements", "found", "expected", "ratio", "ratio_low", "ratio_high"]]

# %% [markdown]
# ## Trend
# The last twelve months against the twelve before, and only like with like: visits of lists with visits of lists,
# usual visits with usual visits. Here the first year had no lists, so visits tell no trend; complaints do, and
# a rise in complaints may be more harm or more trust.

# %%
by_destination = segments(tables, as_of, by=("destination",))
trend = by_destination.dropna(subset=["reports_ratio"]).sort_values("reports_ratio")
figure, axes = plt.subplots(figsize=(7.5, 3.2), layout="constrained")
axes.hlines(trend["destination"], trend["reports_low"], trend["reports_high"], color="#9aa5b1", lw=6)
axes.plot(trend["reports_ratio"], trend["destination"], "o", color="#1f2933")
axes.axvline(1, color="#b4531a", lw=1)
axes.set(xlabel="complaints per placement, last year over the year before", title="Trend of complaints, 90 % interval")
figure.text(**marked)
plt.show()

# %%
by_destination[["destination", "placements", "trend", "trend_low", "trend_high", "trend_from", "reports_ratio"]].head(8)

# %% [markdown]
# ## Certification and formality
# A certificate counts at its level once it is verified; declared ones are a group of their own. `legal_entity`
# is a formal employer.

# %%
certification = segments(tables, as_of, by=("certification_level",))
certification[["certification_level", "placements", "list_visits", "rate", "low", "high", "ratio", "prior_source"]]

# %%
formality = segments(tables, as_of, by=("employer_type",))
formality[["employer_type", "placements", "list_visits", "rate", "low", "high", "reported_per_1000", "not_reached"]]

# %% [markdown]
# ## What may not be concluded
# - That a certificate, or a formal employer, **lowers** harm. Who holds a certificate differs in destination, sector
#   and agency from who holds none; the tables say what goes together, not what would happen if it were otherwise.
# - That a sector with few complaints is in order. Few complain where few can.
# - That a sector first in the table is the worst. It is the least known.
# - Anything about a segment under ten: it is folded into "(other)", and counts under ten are not shown.
# - Anything about workers who left outside procedure: they are in no register.
# - Anything about Indonesia: this world is simulated.
