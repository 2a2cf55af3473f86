"""What does the usual endpoint take: FastAPI, a DataFrame of one row, and the fitted pipeline?

`predict_proba` where the pipeline has it; the joint likelihood has `decision_function` alone, which does less.
"""

import os
from typing import Any

import joblib
import pandas as pd
from fastapi import FastAPI

pipeline = joblib.load(os.environ["PIPELINE"])
numeric = frozenset(os.environ["NUMERIC"].split(","))

app = FastAPI()


@app.post("/invocations")
def score(body: dict[str, Any]) -> dict[str, list[float]]:
    """Answer the scores of the rows in MLflow's form of a frame."""
    frame = pd.DataFrame(body["dataframe_records"])
    frame = frame.astype({name: "float64" for name in frame.columns if name in numeric})
    if hasattr(pipeline, "predict_proba"):
        return {"predictions": pipeline.predict_proba(frame)[:, 1].tolist()}
    return {"predictions": pipeline.decision_function(frame).tolist()}
