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
# # From tables to a model
#
# Load a register, look at it, train the candidates, compare them, and read the run back from MLflow.
# Everything here is **simulated**: the figures say how the method behaves in a world whose truth is
# known, not how workers fare.

# %%
import os
import tempfile
from pathlib import Path

import pandas as pd

from risk_model import registry
from risk_model.data import schema
from risk_model.data.simulator.simulate import simulate, write
from risk_model.evaluation import plots
from risk_model.specification import read_specification
from risk_model.workflows.evaluation import evaluation
from risk_model.workflows.training import train_on_placements

pd.set_option("display.precision", 3)
here = Path.cwd() if (Path.cwd() / "models").is_dir() else Path.cwd().parent
workspace = Path(tempfile.mkdtemp())
os.environ.setdefault("MLFLOW_TRACKING_URI", f"sqlite:///{workspace}/mlflow.db")
specification_file = here / "models" / "placement_risk.yaml"

# %% [markdown]
# ## Load
# A data set is one folder: placements, events, inspections. Every row says when it became known.

# %%
simulation = simulate("hidden", reporting="rich", placements=8_000, random_state=1)
write(simulation, workspace / "data")
tables = schema.read_tables(workspace / "data")
as_of = schema.day_after_last_record(tables)
known = schema.as_of_view(tables, as_of)
known.placements.groupby(["destination", "sector"]).size().sort_values(ascending=False).head(8).to_frame("placements")

# %% [markdown]
# ## Look
# Who reports, and where do visits find harm? In this world isolated workers hardly report, so the two
# columns do not agree. That gap is why the model learns from visits.

# %%
complaints = known.events[known.events["type"] == "complaint"].groupby("placement_id").size()
visited = known.inspections[known.inspections["outcome"].isin(["harm_found", "no_harm_found"])]
found = visited.assign(found=visited["outcome"] == "harm_found").groupby("placement_id")["found"].max()
looked = known.placements.set_index("placement_id").assign(complaints=complaints, found=found)
by_employer = looked.groupby("employer_type").agg(
    placements=("origin", "size"),
    complaints_per_1000=("complaints", lambda n: 1000 * n.fillna(0).sum() / len(n)),
    visited=("found", "count"),
    found_share=("found", lambda f: f.dropna().astype(float).mean()),
)
by_employer

# %% [markdown]
# ## Train
# Rolling tests: each candidate is fitted on visits whose outcome window had closed before the test
# began, and judged on the visits of the test window. The two-line rule is what has to be beaten.

# %%
trained = train_on_placements(
    workspace / "data", specification_file, as_of=as_of, random_state=0, progress=lambda done, total, text: None
)
pd.DataFrame(trained["candidates"])

# %% [markdown]
# ## Compare
# On tested visits (what an office can know), then on true harm (what only a simulator knows).

# %%
specification = read_specification(specification_file)
stored = registry.fetch(specification.name)
plots.calibration(stored.scored, "chosen")

# %%
judged = evaluation(
    workspace / "data", as_of=None, reference=None, specification_file=specification_file, random_state=0
)
truth = pd.DataFrame(judged["comparison"])
truth.pivot_table(index="order", columns="capacity_share", values="share").sort_values(0.10, ascending=False)

# %% [markdown]
# ## Read the MLflow run
# The version keeps its specification, card, tested rows, plots and the compiled tables that would be served.

# %%
pd.Series(
    {key: value for key, value in stored.card.items() if not isinstance(value, (dict, list))}, name="card"
).to_frame()

# %%
terms = pd.Series(
    {term.name: term.values.max() - term.values.min() for term in stored.model.terms}, name="log-odds range"
)
terms.sort_values(ascending=False).head(10).to_frame()
