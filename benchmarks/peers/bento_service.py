"""How does BentoML serve the registered model? One process, loaded as MLflow logged it."""

import os
from typing import Any

import bentoml
import mlflow.pyfunc
import pandas as pd


@bentoml.service(workers=1, traffic={"timeout": 60})
class Scores:
    """The registered model behind BentoML's own server."""

    def __init__(self) -> None:
        """Load the model that the benchmark names."""
        self.model = mlflow.pyfunc.load_model(os.environ["MODEL"])

    @bentoml.api(route="/invocations")  # type: ignore[untyped-decorator]
    def invocations(self, dataframe_records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Score rows given in MLflow's form."""
        records: list[dict[str, Any]] = self.model.predict(pd.DataFrame(dataframe_records)).to_dict("records")
        return records
