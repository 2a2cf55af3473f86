"""How do scores become a priority list in a file?"""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from risk_model.data import schema
from risk_model.data.database import read_data
from risk_model.errors import UnreadableFileError
from risk_model.frame_files import write_frame
from risk_model.prioritisation.capacity import capacity_of_month, checked_plan, planned_by_month
from risk_model.prioritisation.mandatory import mandatory_placements
from risk_model.prioritisation.priority_list import ListRequest, PriorityList, priority_list
from risk_model.prioritisation.resting import resting_placements
from risk_model.prioritisation.units import eligible_placements, recent_visits
from risk_model.workflows.scoring import score


def planned_capacity(
    as_of: pd.Timestamp, *, plan: Path | None, yearly: int | None, office: str | None, made: int | None
) -> int:
    """Return the visits of the month of `as_of` by a plan file, or by `yearly` visits spread over the months.

    Raises:
        UnreadableFileError: when the plan is missing or is no CSV.
        InputError: when it cannot be used as it is, or leaves the month no visit.
    """
    if plan is None:
        return capacity_of_month(planned_by_month(yearly or 0, as_of.year), as_of, made=made)
    return capacity_of_month(checked_plan(_read_plan(plan), office=office), as_of, made=made)


def list_to_file(
    data: Path, request: ListRequest, *, out: Path | None, reference: str | None, specification_file: Path
) -> dict[str, Any]:
    """Draw a priority list; with `out` write its rows there and every eligible probability beside it."""
    scores = score(data, request.as_of, reference=reference, specification_file=specification_file)
    view = schema.as_of_view(read_data(data), request.as_of)
    drawn = priority_list(
        eligible_placements(scores, view.placements),
        request,
        visits=recent_visits(view, request.as_of),
        mandatory=mandatory_placements(view, request.as_of),
        resting=resting_placements(view, request.as_of),
    )
    if out is not None:
        write_frame(drawn.rows, out)
        write_frame(drawn.all_probabilities, out.with_name(f"{out.stem}.probabilities{out.suffix}"))
    shown = ["rank", "unit_id", "arm", "inclusion_probability", "band", "stage", "area", "corridor"]
    return {
        "list_id": drawn.list_id,
        "capacity": request.capacity,
        "eligible": drawn.eligible,
        "file": str(out) if out else None,
        "notices": [{"notice": notice.text_en} for notice in drawn.notices],
        "price": _prices(drawn),
        "minimum_coverage": asdict(drawn.coverage),
        "rows": drawn.rows[shown].to_dict("records"),
    }


def _prices(drawn: PriorityList) -> list[dict[str, Any]]:
    """Return what each constraint gives up of the harm that a list by score alone would find."""
    return [
        {
            "constraint": price.arm if price.part_of is None else f"{price.arm} (part of {price.part_of})",
            "visits": round(price.visits, 2),
            "harm_given_up": round(price.given_up, 3) + 0.0,  # no minus before a zero
            "share": round(price.share, 4) + 0.0,
        }
        for price in (*drawn.price, *drawn.minimum_price, *drawn.limit_price)
    ]


def _read_plan(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise UnreadableFileError(f"{path}: no such file; a plan is a CSV with the columns month, visits and office")
    try:
        plan = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig", skipinitialspace=True)
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise UnreadableFileError(f"{path}: not a readable CSV ({error}); save it as CSV with commas") from error
    return plan.rename(columns=lambda name: str(name).strip().lower())
