"""How does a result look in a terminal?"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

SHOWN_ROWS = 30
"""Rows of a table before it is cut; the rest is in the file that was written."""


def print_result(shown: Mapping[str, Any]) -> None:
    """Print plain values as lines, and each list of records as a table of what its first record names."""
    console = Console(soft_wrap=True)
    for name, value in shown.items():
        if _is_records(value):
            console.print(_table(name, value))
        elif isinstance(value, Mapping):
            console.print(f"{name}: " + ", ".join(f"{key} {_shown(part)}" for key, part in value.items()), markup=False)
        else:
            console.print(f"{name}: {_shown(value)}", markup=False)


def _is_records(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and bool(value) and isinstance(value[0], Mapping)


def _table(name: str, records: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title=name.replace("_", " "), title_justify="left")
    for column in records[0]:
        numeric = isinstance(records[0][column], int | float)
        first = not table.columns
        justify: Literal["left", "right"] = "right" if numeric else "left"
        heading = str(column).replace("_", " ")
        longest = max(map(len, heading.split()), default=0)  # a heading breaks between its words, never within one
        table.add_column(heading, justify=justify, overflow="fold", no_wrap=first, min_width=longest)
    for record in records[:SHOWN_ROWS]:
        table.add_row(*(_shown(record.get(column)) for column in records[0]))
    if len(records) > SHOWN_ROWS:
        table.caption = f"and {len(records) - SHOWN_ROWS} more"
    return table


def _shown(value: object) -> str:
    if isinstance(value, float):
        return "–" if value != value else f"{value:.3f}"  # noqa: PLR0124  a NaN is the one value unequal to itself
    return "" if value is None else str(value)
