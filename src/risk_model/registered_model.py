"""What does MLflow load when it is asked for a registered version?

Logged as code beside data: MLflow runs this file and hands it the compiled tables; no pickle is read.
"""

from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc.model import PythonModel

from risk_model.scoring.model_file import read_model
from risk_model.scoring.scorer import CompiledModel, score_columns


class RegisteredModel(PythonModel):
    """The compiled tables behind MLflow's `predict`: a frame of inputs in, risks with intervals out."""

    model: CompiledModel

    def load_context(self, context: Any) -> None:
        """Read the compiled tables that were logged with the version."""
        self.model = read_model(Path(context.artifacts["compiled"]))

    def predict(self, context: Any, model_input: pd.DataFrame, params: Any = None) -> pd.DataFrame:
        """Return risk, low, high, band and supported for each row of `model_input`."""
        scores = score_columns(self.model, model_input)
        return pd.DataFrame(
            {
                "risk": scores.risk,
                "low": scores.low,
                "high": scores.high,
                "band": scores.band,
                "supported": scores.supported,
            },
            index=model_input.index,
        )


set_model(RegisteredModel())
