"""What must a model reach before it may be promoted?"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(gt=0, lt=1)]


class Gate(BaseModel):
    """The `gate:` block of a specification; docs/gate.md says why each limit is what it is.

    Gains are differences of AUC or of recall, with paired 95 % intervals over the rolling tests; ranges are lowest
    and highest. `slowest` counts the time of the published two-line rule on the same rows.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    minimum_gain: float = 0.0
    minimum_visits: int = 200
    champion_margin: Annotated[float, Field(ge=0)] = 0.05
    group_margin: Annotated[float, Field(ge=0)] = 0.05
    group_cases: Annotated[int, Field(ge=1)] = 30
    most_exchanged: Share = 0.50
    predicted_over_found: tuple[float, float] = (0.75, 1.40)
    slope: tuple[float, float] = (0.50, 2.00)
    highest_ece: Share = 0.05
    highest_auc: Share = 0.95
    highest_auc_of_one_term: Share = 0.85
    stale_days: Annotated[int, Field(ge=1)] = 90
    slowest: Annotated[float, Field(gt=0)] = 100.0
