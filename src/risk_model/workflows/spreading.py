"""Over which processes, and which machines, is work spread?"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Literal

from joblib import Parallel, delayed, parallel_config

from risk_model.errors import InputError


@dataclass(frozen=True)
class Where:
    """What does the work: `jobs` processes here, or the dask cluster at `scheduler` (None: one of `jobs` made here)."""

    engine: Literal["local", "dask"] = "local"
    jobs: int = 1
    scheduler: str | None = None


HERE: Final = Where()
"""One process, this one."""

Spread = Callable[[Callable[[Any], Any], Sequence[Any]], Iterator[Any]]
"""Applies a function to every item, in processes, and yields the results in the order of the items."""


@contextmanager
def spread_over(where: Where) -> Iterator[Spread]:
    """Give what spreads work.

    Raises:
        InputError: dask is not installed, or no scheduler answers.
    """
    if where.engine == "local":
        # stays in this process where one job is asked for
        yield lambda function, items: Parallel(n_jobs=where.jobs, return_as="generator")(map(delayed(function), items))
        return
    with _cluster(where) as client:
        yield lambda function, items: (future.result() for future in client.map(function, items, pure=False))


@contextmanager
def joblib_over(where: Where) -> Iterator[None]:
    """Send what joblib spreads in this context there.

    Raises:
        InputError: as `spread_over`.
    """
    if where.engine == "local":
        yield
        return
    with _cluster(where), parallel_config(backend="dask"):
        yield


@contextmanager
def _cluster(where: Where) -> Iterator[Any]:
    try:
        from distributed import Client, LocalCluster  # noqa: PLC0415  an extra that most offices do without
    except ImportError as error:
        raise InputError(
            f"dask is asked for, but {error.name} is not installed: pip install 'pmi-placement-risk[distributed]'"
        ) from error
    if where.scheduler is None:
        with (
            LocalCluster(n_workers=where.jobs, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(where.scheduler)
    except (OSError, ValueError) as error:
        raise InputError(
            f"no dask scheduler answers at {where.scheduler} ({error}); start one with `dask scheduler`, workers with "
            "`dask worker ADDRESS`, and give its address as tcp://HOST:8786"
        ) from error
    with client:
        yield client
