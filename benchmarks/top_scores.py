"""How soon are the 100 highest of five million stored scores found, on SQLite and on PostgreSQL?

    python -m benchmarks.top_scores [--quick]

Of one stage and one band, with what a person needs to know the placement by, through the service's tables and indexes,
beside the same of ten thousand. Simulated placements, copied under other ids; PostgreSQL is a server of its own.
"""

import statistics
import tempfile
import time
from functools import partial
from itertools import product
from pathlib import Path

from sqlalchemy import Engine, Select, Text, cast, func, insert, literal, select, text

from benchmarks.live_service import LiveService, databases
from benchmarks.sitting import Asked, Part, asked, figure, in_rounds, judged, told
from service.settings import Settings
from service.storage.engine import for_writing, open_engine
from service.tables.register import placements, scores

FEW, MANY, QUICK_MANY = 10_000, 5_000_000, 100_000
HIGHEST, REPETITIONS = 100, 400
STAGES, BANDS = ("before", "during"), ("very_high", "high", "medium")
BARS = {"SQLite": 1.0, "PostgreSQL": 3.0}
"""Milliseconds of the median."""
MOST_GROWTH = 2.0
SHOWN = ("origin", "destination", "sector", "agency_id")


def highest(stage: str, band: str, *, limit: int = HIGHEST) -> Select[tuple[object, ...]]:
    """Return the query for the highest present scores of a stage and a band, highest first."""
    shown = (placements.c[name] for name in SHOWN)
    joined = placements.c.placement_id == scores.c.placement_id
    query = select(scores, *shown).join_from(scores, placements, joined)
    return query.where(scores.c.stage == stage, scores.c.band == band).order_by(scores.c.risk.desc()).limit(limit)


def fill(engine: Engine, wanted: int) -> int:
    """Copy the scored placements under other ids until there are at least so many; return how many there are."""
    with for_writing(engine).begin() as connection:
        there = connection.execute(select(func.count()).select_from(scores)).scalar_one()
        first = select(literal(1).label("number")).cte("copies", recursive=True)
        copies = first.union_all(select(first.c.number + 1).where(first.c.number < -(-wanted // there) - 1))
        for table in (placements, scores) if wanted > there else ():
            others = [column for column in table.c if column.name != "placement_id"]
            named = table.c.placement_id + literal(f"-{wanted}-") + cast(copies.c.number, Text)
            rows = select(named, *others).select_from(table.join(copies, literal(True)))
            connection.execute(insert(table).from_select(["placement_id", *(c.name for c in others)], rows))
        filled = connection.execute(select(func.count()).select_from(scores)).scalar_one()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE"))
    return int(filled)


def median_ms(engine: Engine) -> dict[str, float]:
    """Return the median milliseconds of the query, over every stage and band in turn."""
    queries = [highest(stage, band) for stage, band in product(STAGES, BANDS)]
    seconds = []
    with engine.connect() as connection:
        for number in range(REPETITIONS):
            begun = time.perf_counter()
            connection.execute(queries[number % len(queries)]).all()
            seconds.append(time.perf_counter() - begun)
    return {"ms": 1000 * statistics.median(seconds)}


def plan(engine: Engine, query: Select[tuple[object, ...]]) -> str:
    """Return in one line how the database means to answer `query`."""
    written = query.compile(engine, compile_kwargs={"literal_binds": True})
    asks = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN (COSTS OFF) "
    with engine.connect() as connection:
        return "; ".join(str(row[-1]).strip() for row in connection.exec_driver_sql(f"{asks}{written}"))


def measured(given: Asked, folder: Path, kind: str, url: str) -> tuple[dict[str, float], str]:
    """Return the medians at both sizes of one database, filled in between, and how it answers at the larger."""
    print(f"{kind}: importing", flush=True)
    service = LiveService(folder, model_dir=given.model_dir, public_key=given.public_key, database_url=url)
    service.prepare(placements=FEW)
    engine, found = open_engine(Settings(database_url=url).database_url), {}
    try:
        for size in (FEW, QUICK_MANY if given.quick else MANY):
            print(f"{kind}: filling up to {size:,} scores", flush=True)
            name = f"{kind}, {fill(engine, size):,}"
            found[name] = in_rounds(given.rounds, {name: partial(median_ms, engine)})[name]["ms"]
        return found, f"{kind}: `{plan(engine, highest(STAGES[0], BANDS[0]))}`"
    finally:
        engine.dispose()


def part(given: Asked) -> Part:
    """Measure both databases; return the table."""
    with (
        tempfile.TemporaryDirectory(prefix="risk-top-") as name,
        databases(Path(name), ("postgresql",), postgresql=True) as (server,),
    ):
        urls = {"SQLite": f"sqlite:///{name}/top.db", "PostgreSQL": server}
        found = {kind: measured(given, Path(name), kind, url) for kind, url in urls.items()}
    said = []
    for kind, (medians, _) in found.items():
        few, many = medians.values()
        said += [
            judged(f"{kind}, median", many, BARS[kind], at_most=True, unit=" ms"),
            judged(f"{kind}, over {FEW:,}", many / few, MOST_GROWTH, at_most=True, unit="×"),
        ]
    return Part(
        "top_scores",
        f"The {HIGHEST} highest stored scores of a stage and a band",
        ("database, scores", "median ms"),
        tuple((each, figure(value)) for medians, _ in found.values() for each, value in medians.items()),
        (*said, *(plan for _, plan in found.values())),
    )


if __name__ == "__main__":
    print(told(part(asked(about=__doc__))))
