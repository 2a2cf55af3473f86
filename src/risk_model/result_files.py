"""How is a result written, whole or not at all?"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from risk_model.errors import UnreadableFileError
from risk_model.evaluation.report import as_markdown


def write_report(shown: Mapping[str, Any], out: Path) -> None:
    """Write an evaluation to `out`: JSON where its name ends so, else Markdown."""
    if out.suffix == ".json":
        _write_whole(out, json.dumps(shown, indent=2, ensure_ascii=False, default=str))
        return
    facts = {name: value for name, value in shown.items() if name != "comparison"}
    _write_whole(out, as_markdown("Evaluation", facts, pd.DataFrame(shown["comparison"])))


def write_frame(frame: pd.DataFrame, out: Path) -> None:
    """Write `frame` to `out`, Parquet or CSV by its name; the file appears whole or not at all.

    Raises:
        UnreadableFileError: when the name says neither.
    """
    if out.suffix.lower() not in (".parquet", ".csv"):
        raise UnreadableFileError(f"{out}: the result is written as .parquet or .csv; name the file so")
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial")
    if out.suffix.lower() == ".csv":
        frame.to_csv(partial, index=False)
    else:
        frame.to_parquet(partial, index=False)
    partial.replace(out)


def _write_whole(out: Path, text: str) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(out)
