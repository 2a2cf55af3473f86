"""Versions, cursors and headers that callers can rely on."""

import json
from base64 import urlsafe_b64decode
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from hypothesis import assume, given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.testclient import TestClient

from service.cursors import cursor_after, key_of, page_of
from service.deprecation import deprecated
from service.problems import ProblemError
from service.versions import etag, require_match, sent_version

PARTS = st.one_of(st.text(max_size=40), st.integers(-(2**53), 2**53), st.datetimes())


@given(st.integers(0, 10**8))
def test_the_version_of_an_etag_comes_back(version: int) -> None:
    assert sent_version(etag(version)) == sent_version(f"W/{etag(version)}") == version


@pytest.mark.parametrize("sent", ["", "*", '"abc"', '"-1"', '"³"', "None"])
def test_what_is_no_version_names_none(sent: str) -> None:
    assert sent_version(sent) is None


@pytest.mark.parametrize(("sent", "status"), [({}, 428), ({"if-match": '"2"'}, 412), ({"if-match": '"3"'}, None)])
def test_only_who_has_seen_the_present_version_may_change_it(sent: dict[str, str], status: int | None) -> None:
    headers = [(name.encode(), value.encode()) for name, value in sent.items()]
    request = Request({"type": "http", "headers": headers})
    if status is None:
        require_match(request, 3)
        return
    with pytest.raises(ProblemError) as refused:
        require_match(request, 3)
    assert refused.value.status == status


@given(st.lists(PARTS, max_size=4))
def test_a_cursor_leads_back_to_the_key_it_was_made_from(key: list[str | int | datetime]) -> None:
    assert key_of(cursor_after(*key)) == key


@given(st.text(max_size=60))
def test_what_is_no_cursor_is_refused_by_its_parameter(sent: str) -> None:
    with suppress(ValueError):  # base64 of a list, drawn by chance
        assume(not isinstance(json.loads(urlsafe_b64decode(sent + "=" * (-len(sent) % 4))), list))
    with pytest.raises(RequestValidationError) as refused:
        key_of(sent)
    assert refused.value.errors()[0]["loc"] == ("query", "after")


@given(st.sets(st.integers(0, 60), min_size=1), st.sets(st.integers(0, 60)), st.integers(1, 5))
def test_pages_do_not_shift_where_rows_come_and_go(rows: set[int], later: set[int], limit: int) -> None:
    """Every row that was there all the time is seen exactly once."""
    seen: list[int] = []
    present, after, more = set(rows), -1, True
    while more:
        found = sorted(row for row in present if row > after)[: limit + 1]
        page, more = page_of(found, limit)
        seen += page
        after = key_of(cursor_after(page[-1]))[0] if page else after
        present = rows | later  # others come, also before where the reader is
    assert len(seen) == len(set(seen))
    assert rows <= set(seen)


def test_a_route_that_goes_away_says_since_when_until_when_and_what_instead() -> None:
    app = FastAPI()
    since, sunset = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)

    @app.get("/old", dependencies=[deprecated(since=since, sunset=sunset, successor="/v1/new")], deprecated=True)
    def old() -> dict[str, str]:
        return {}

    told = TestClient(app).get("/old").headers
    assert told["deprecation"] == "@1767225600"
    assert told["sunset"] == "Wed, 01 Jul 2026 00:00:00 GMT"
    assert told["link"] == '</v1/new>; rel="successor-version"'
    with pytest.raises(ValueError, match="not after"):
        deprecated(since=sunset, sunset=since, successor="/v1/new")
