"""When are figures that took long to make answered again, and when are they made anew?"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from service.kept_figures import MOST_KEPT, Basis, KeptFigures

NOW = datetime(2026, 1, 11, 8, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)
PATIENCE = 30


class Beside:
    """Work that is put off until it is asked for."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def __call__(self, work: Callable[[], None]) -> None:
        self.waiting.append(work)

    def do(self) -> None:
        while self.waiting:
            self.waiting.pop()()


def ask(figures: KeptFigures, made: list[int], *, import_id: int = 1, told: int = 1, hours: float = 0) -> int:
    """Ask for figures that count how often they were made."""

    def make() -> int:
        made.append(len(made) + 1)
        return made[-1]

    basis = Basis(import_id, told)
    return figures.get("figures", basis, now=NOW + hours * AN_HOUR, good_for=AN_HOUR, make=make)


def test_old_figures_are_answered_while_new_ones_are_made_once() -> None:
    beside, made = Beside(), list[int]()
    figures = KeptFigures(beside)
    assert [ask(figures, made), ask(figures, made, hours=9)] == [1, 1]
    assert [ask(figures, made, told=2, hours=9), ask(figures, made, told=2, hours=9)] == [1, 1]
    assert len(beside.waiting) == 1
    beside.do()
    assert ask(figures, made, told=2, hours=9) == 2


def test_after_an_import_nobody_is_answered_with_the_figures_before_it() -> None:
    beside, made = Beside(), list[int]()
    figures = KeptFigures(beside)
    assert [ask(figures, made), ask(figures, made, import_id=2)] == [1, 2]
    assert not beside.waiting


def test_figures_that_could_not_be_made_anew_are_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    beside, made = Beside(), list[int]()
    figures = KeptFigures(beside)
    ask(figures, made)

    def fail() -> int:
        raise ValueError("broken")

    assert figures.get("figures", Basis(1, 2), now=NOW + AN_HOUR, good_for=AN_HOUR, make=fail) == 1
    beside.do()
    assert "the next request tries again" in caplog.text
    assert ask(figures, made, told=2, hours=1) == 1
    beside.do()
    assert ask(figures, made, told=2, hours=1) == 2


def test_without_anything_else_given_work_goes_on_in_a_thread() -> None:
    figures, made = KeptFigures(), list[int]()
    ask(figures, made)
    assert ask(figures, made, told=2, hours=1) == 1


def test_figures_are_made_once_for_all_who_ask_and_other_figures_do_not_wait_for_them() -> None:
    figures, at_work, go_on, made = KeptFigures(), threading.Event(), threading.Event(), list[int]()

    def make_slowly() -> int:
        made.append(1)
        at_work.set()
        assert go_on.wait(PATIENCE)
        return 7

    def slow() -> int:
        return figures.get("slow", Basis(1, 1), now=NOW, good_for=AN_HOUR, make=make_slowly)

    with ThreadPoolExecutor() as threads:
        first = threads.submit(slow)
        assert at_work.wait(PATIENCE)
        second = threads.submit(slow)
        try:
            assert threads.submit(ask, figures, list[int]()).result(PATIENCE) == 1
            assert not second.done()
        finally:
            go_on.set()
        assert (first.result(PATIENCE), second.result(PATIENCE), made) == (7, 7, [1])


def test_the_figures_made_longest_ago_are_made_anew_where_there_are_too_many() -> None:
    figures, made = KeptFigures(), list[int]()

    def one(name: int) -> int:
        def make() -> int:
            made.append(name)
            return name

        return figures.get(name, Basis(1, 1), now=NOW, good_for=AN_HOUR, make=make)

    assert [one(name) for name in (*range(MOST_KEPT + 1), MOST_KEPT, 0)][-2:] == [MOST_KEPT, 0]
    assert made == [*range(MOST_KEPT + 1), 0]
