"""How does a report look as text, and as one page that needs nothing else?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

STYLE: Final = """body{font:16px/1.5 system-ui,sans-serif;color:#1f2933;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0;font-size:.9rem;display:block;overflow-x:auto}
th,td{padding:.25rem .6rem;border-bottom:1px solid #d5dbe1;text-align:left;white-space:nowrap}
td.n{text-align:right;font-variant-numeric:tabular-nums}caption{text-align:left;color:#52606d}
.mark{border-left:4px solid #b4531a;padding:.5rem 1rem;background:#fdf3ec}svg{max-width:100%;height:auto}"""
"""The page carries its own style: it is read from a disk, without a network."""


@dataclass(frozen=True)
class Section:
    """One part of a report: what it answers, the records that answer it, and a picture as SVG where there is one."""

    title: str
    note: str
    records: Sequence[Mapping[str, Any]] = field(default=())
    picture: str = ""


def as_markdown(title: str, facts: Mapping[str, Any], sections: Sequence[Section]) -> str:
    """Return a report a person can read: what was judged, then one table per section."""
    lines = [f"# {title}", "", *(f"- {name}: {shown(value)}" for name, value in facts.items())]
    for section in sections:
        lines += ["", f"## {section.title}", "", section.note]
        if section.records:
            columns = list(section.records[0])
            lines += ["", f"| {' | '.join(columns)} |", f"|{'|'.join(' --- ' for _ in columns)}|"]
            lines += [f"| {' | '.join(shown(record.get(name)) for name in columns)} |" for record in section.records]
    return "\n".join(lines) + "\n"


def as_html(title: str, facts: Mapping[str, Any], sections: Sequence[Section]) -> str:
    """Return the report as one HTML page with its pictures in it; it runs nothing and loads nothing."""
    rows = "".join(
        f"<tr><th>{escape(str(key))}</th><td>{escape(shown(value))}</td></tr>" for key, value in facts.items()
    )
    simulated = facts.get("data_origin") == "simulated"
    mark = '<p class="mark">Every figure on this page is simulated.</p>' if simulated else ""
    body = "".join(_section(section) for section in sections)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1>{mark}<table>{rows}</table>{body}</body></html>\n"
    )


def shown(value: object) -> str:
    """Return a value as a cell shows it: three decimals, a dash where there is none."""
    if isinstance(value, float):
        return "–" if value != value else f"{value:.3f}"  # noqa: PLR0124  a NaN is the one value unequal to itself
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "–" if value is None else str(value)


def _section(section: Section) -> str:
    table = ""
    if section.records:
        columns = list(section.records[0])
        head = "".join(f"<th>{escape(name)}</th>" for name in columns)
        rows = "".join(f"<tr>{''.join(_cell(record.get(name)) for name in columns)}</tr>" for record in section.records)
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f"<h2>{escape(section.title)}</h2><p>{escape(section.note)}</p>{section.picture}{table}"


def _cell(value: object) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f'<td class="n">{escape(shown(value))}</td>' if number else f"<td>{escape(shown(value))}</td>"
