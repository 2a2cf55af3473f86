"""How is a table of results written, whole or not at all?"""

from pathlib import Path

import pandas as pd

from risk_model.errors import UnreadableFileError


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
