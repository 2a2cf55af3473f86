"""Which commands does `risk-model` have?

The command line parses, calls one workflow and prints; it is the only part of the library that
looks at a clock. Heavy imports wait for the command that needs them.
"""

import sys

import typer

from risk_model.commands import data, drift, learning, prevalence, replay, segments, serving, visiting
from risk_model.errors import RiskModelError

app = typer.Typer(
    help="Score placements for protection risk, and make inspection lists that say what they miss.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    data.simulate,
    data.ingest,
    learning.train,
    learning.evaluate,
    serving.promote,
    serving.rollback,
    visiting.score,
    drift.drift,
    segments.segments,
    replay.replay,
    prevalence.prevalence,
):
    app.command()(command)
app.command(name="list")(visiting.make_list)


def main() -> None:
    """Run the command line; an error that names its repair is printed without a traceback and exits 1."""
    try:
        app()
    except RiskModelError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201  the command line is where printing happens
        sys.exit(1)


if __name__ == "__main__":
    main()
