"""How do scores become a priority list in a file?"""

from pathlib import Path
from typing import Any

from risk_model.data import schema
from risk_model.prioritisation.mandatory import mandatory_placements
from risk_model.prioritisation.priority_list import ListRequest, priority_list
from risk_model.prioritisation.units import eligible_placements, recent_visits
from risk_model.result_files import write_frame
from risk_model.workflows.scoring import score


def list_to_file(
    data: Path, request: ListRequest, *, out: Path | None, reference: str | None, specification_file: Path
) -> dict[str, Any]:
    """Draw a priority list; with `out` write its rows there and every eligible probability beside it."""
    scores = score(data, request.as_of, reference=reference, specification_file=specification_file)
    view = schema.as_of_view(schema.read_tables(data), request.as_of)
    drawn = priority_list(
        eligible_placements(scores, view.placements),
        request,
        visits=recent_visits(view, request.as_of),
        mandatory=mandatory_placements(view, request.as_of),
    )
    if out is not None:
        write_frame(drawn.rows, out)
        write_frame(drawn.all_probabilities, out.with_name(f"{out.stem}.probabilities{out.suffix}"))
    shown = ["rank", "unit_id", "arm", "inclusion_probability", "band", "stage", "area", "corridor"]
    return {
        "list_id": drawn.list_id,
        "eligible": drawn.eligible,
        "file": str(out) if out else None,
        "notices": [{"notice": notice.text_en} for notice in drawn.notices],
        "rows": drawn.rows[shown].to_dict("records"),
    }
