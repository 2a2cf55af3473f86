"""How many one-row requests a second does the service answer, beside what others use and what the stack can do?

    python -m benchmarks.one_row [--quick]

One process each, 16 connections that each wait for their answer, the same model behind all that score; this service
with API key, receipt and audit switched on. Simulated placements.
"""

from functools import partial

from benchmarks.served_model import placement_rows, prepared_service, registered_model
from benchmarks.servers import BARE, CONSTANT, MLFLOW, OURS, Server, limits, ours, peers, started
from benchmarks.sitting import MEBIBYTE, Asked, Part, asked, figure, in_rounds, judged, told
from benchmarks.wire import CONNECTIONS, drive

SECONDS, WARM_SECONDS = 10.0, 3.0
QUICK_SECONDS, QUICK_WARM_SECONDS = 2.0, 1.0
OVER_MLFLOW, OVER_CONSTANT, AIM_OF_BARE, MOST_P99 = 100, 1.2, 0.5, 2.0


def measure(server: Server, *, seconds: float, warm: float) -> dict[str, float]:
    """Start a server, warm it up, load it, and return what it did."""
    requests = server.requests()
    with started(server) as running:
        drive(running.port, requests, seconds=warm)
        before = running.cpu_seconds()
        answers = drive(running.port, requests, seconds=seconds)
        used = running.cpu_seconds() - before
        return {
            "per second": answers.per_second,
            "cpu": used / len(answers.seconds),
            "p50": answers.quantile(0.5),
            "p99": answers.quantile(0.99),
            "first": running.first_answer,
            "memory": float(running.memory()),
            "wrong": float(len(answers.wrong)),
        }


def part(given: Asked) -> Part:
    """Compare all servers in rounds; return the table."""
    service, keys = prepared_service(given)
    rows = placement_rows(service)
    others, missing = peers(registered_model(given), given.environments)
    servers = [ours(service, keys["national"], rows), *others, *limits(rows)]
    seconds, warm = (QUICK_SECONDS, QUICK_WARM_SECONDS) if given.quick else (SECONDS, WARM_SECONDS)
    turns = {each.name: partial(measure, each, seconds=seconds, warm=warm) for each in servers}
    found = in_rounds(given.rounds, turns)
    base = found.get(MLFLOW, {}).get("per second")
    lines = [
        (
            name,
            figure(one["per second"]),
            figure(1000 * one["cpu"]),
            figure(1000 * one["p50"]),
            figure(1000 * one["p99"]),
            figure(one["per second"] / base) if base else "–",
            figure(one["first"]),
            figure(one["memory"] / MEBIBYTE),
            f"{one['wrong']:.0f}",
        )
        for name, one in found.items()
    ]
    absent = [(name, *("–",) * 7, f"not installed: {reason}") for name, reason in missing.items()]
    return Part(
        "one_row",
        f"One-row requests: one process, {CONNECTIONS} connections",
        ("server", "requests/s", "CPU ms each", "p50 ms", "p99 ms", "× mlflow", "first answer s", "MiB", "not good"),
        (*lines, *absent),
        tuple(_judgements(found)),
        ("requests a second", tuple((name, one["per second"]) for name, one in found.items())),
    )


def _judgements(found: dict[str, dict[str, float]]) -> list[str]:
    here, constant, bare = found[OURS], found[CONSTANT], found[BARE]
    said = [
        judged("over a constant endpoint", here["per second"] / constant["per second"], OVER_CONSTANT, unit="×"),
        judged("of bare ASGI (an aim)", here["per second"] / bare["per second"], AIM_OF_BARE, unit="×"),
        judged("p99 over the constant endpoint's", here["p99"] / constant["p99"], MOST_P99, at_most=True, unit="×"),
    ]
    if MLFLOW in found:
        said.insert(
            0, judged("over mlflow models serve", here["per second"] / found[MLFLOW]["per second"], OVER_MLFLOW)
        )
    return said


if __name__ == "__main__":
    print(told(part(asked(about=__doc__))))
