"""How fast is all of it, beside what others use, measured in one sitting?

    python -m benchmarks.run [--quick] [--only one_row,starting] [--out benchmarks/results.md]

Every part in turn; tables, judgements and charts go into one Markdown file. A part that fails says why in its place
and stops no other. `--quick` shows that all of it runs; its figures say nothing and go to a file of their own.
"""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks import column_scoring, one_row, printed, retraining, starting, thousand_rows, top_scores
from benchmarks.sitting import REPOSITORY, Asked, Part, asked, machine, told
from risk_model.evaluation.plots import ACCENT, PALE

PARTS: dict[str, Callable[[Asked], Part]] = {
    "one_row": one_row.part,
    "thousand_rows": thousand_rows.part,
    "column_scoring": column_scoring.part,
    "parquet": printed.parquet,
    "top_scores": top_scores.part,
    "events": printed.events,
    "starting": starting.part,
    "retraining": retraining.part,
}
RESULTS, QUICK_RESULTS = REPOSITORY / "benchmarks" / "results.md", REPOSITORY / "var" / "benchmarks" / "results.md"
SAID = """# Benchmarks

One sitting of `make bench`: medians of {rounds} round(s), every part beside its peers on the same machine. Ratios carry
over to another machine, absolute figures do not. All placements are simulated.

{machine}
"""


def chart(part: Part) -> Figure:
    """Draw the figures of a part as bars on a scale of powers of ten, ours in colour."""
    unit, figures = part.chart or ("", ())
    names, values = zip(*reversed(figures), strict=True)
    figure = Figure(figsize=(7, 0.6 + 0.36 * len(names)), layout="constrained")
    axes = figure.subplots()
    ours = [ACCENT if name.startswith(("this service", "served model, tables")) else PALE for name in names]
    bars = axes.barh(names, values, color=ours)
    axes.bar_label(bars, [f"{value:,.0f}" for value in values], padding=3, fontsize=8)
    axes.set(xscale="log", xlabel=unit, xlim=(min(values) / 2, max(values) * 3))
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def measured(part: Callable[[Asked], Part], name: str, given: Asked) -> Part:
    """Return what a part found, or why it found nothing."""
    try:
        return part(given)
    except Exception as error:
        print(f"{name} failed: {error}", file=sys.stderr, flush=True)
        return Part(name, name, (), (), (f"failed: {type(error).__name__}: {' '.join(str(error).split())}",))


def write(parts: list[Part], given: Asked, out: Path, on: str) -> None:
    """Write tables and charts."""
    images = out.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    texts = [SAID.format(rounds=given.rounds, machine=on)]
    for part in parts:
        text = told(part)
        if part.chart is not None:
            chart(part).savefig(images / f"{part.name}.svg", format="svg", metadata={"Date": None})
            text += f"\n![{part.question}](images/{part.name}.svg)\n"
        texts.append(text)
    out.write_text("\n".join(texts), encoding="utf-8")


def main() -> None:
    """Measure, and write after every part, so that a sitting that is cut short leaves what it had."""
    own = argparse.ArgumentParser(add_help=False)
    own.add_argument("--only", help=f"parts, separated by commas: {', '.join(PARTS)}")
    own.add_argument("--out", type=Path)
    here, rest = own.parse_known_args()
    given, on = asked(rest, about=__doc__), machine()
    out = here.out or (QUICK_RESULTS if given.quick else RESULTS)
    wanted = here.only.split(",") if here.only else list(PARTS)
    unknown = sorted(set(wanted) - set(PARTS))
    if unknown:
        own.error(f"--only names {', '.join(unknown)}; there are {', '.join(PARTS)}")
    os.environ["OMP_NUM_THREADS"] = "1"
    done: list[Part] = []
    for name in wanted:
        print(f"== {name}", flush=True)
        done.append(measured(PARTS[name], name, given))
        print(told(done[-1]), flush=True)
        write(done, given, out, on)
    print(f"written: {out}")


if __name__ == "__main__":
    main()
