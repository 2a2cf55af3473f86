"""How is a report written, whole or not at all?"""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from risk_model.errors import UnreadableFileError
from risk_model.evaluation import report_parts
from risk_model.evaluation.report_text import as_html, as_markdown


def write_report(judged: Mapping[str, Any], out: Path) -> None:
    """Write an evaluation to `out`: JSON, one HTML page or Markdown, by its name.

    Raises:
        UnreadableFileError: when the name says none of these.
    """
    kind = out.suffix.lower()
    if kind not in (".json", ".html", ".md"):
        raise UnreadableFileError(f"{out}: a report is written as .md, .html or .json; name the file so")
    if kind == ".json":
        write_json(judged, out)
        return
    write = as_html if kind == ".html" else as_markdown
    made = report_parts.sections(judged, pictures=kind == ".html")
    _write_whole(out, write(report_parts.TITLE, report_parts.facts(judged), made))


def write_json(found: Mapping[str, Any], out: Path) -> None:
    """Write a result to `out` as one JSON document; the file appears whole or not at all."""
    _write_whole(out, json.dumps(finite(found), indent=2, ensure_ascii=False, default=str, allow_nan=False))


def finite(value: Any) -> Any:
    """Return plain data with every number that is none (NaN, infinity) as null, as JSON wants it."""
    if isinstance(value, Mapping):
        return {key: finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _write_whole(out: Path, text: str) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(out)
