"""What do the routes ask for before they answer?"""

from typing import Annotated

from fastapi import Depends, Header, Path, Query

from service.access import offices_seen
from service.identity import Caller
from service.language import Language, preferred
from service.list_answers import SeenList, seen_list
from service.payloads.requests import LONGEST_ID
from service.problems import NOT_FOUND, ProblemError
from service.running import Service


def _reader_language(
    accept_language: Annotated[str | None, Header(include_in_schema=False)] = None,
    lang: Annotated[Language | None, Query(description="id or en; before Accept-Language")] = None,
) -> Language:
    return lang or preferred(accept_language)


ReaderLanguage = Annotated[Language, Depends(_reader_language)]


ListId = Annotated[str, Path(max_length=LONGEST_ID, examples=["20260401-7f3kq9x2"])]


def _seen_list(list_id: ListId, running: Service, caller: Caller) -> SeenList:
    found = seen_list(running.engine, list_id, offices_seen(caller, running.offices))
    if found is None:
        raise ProblemError(NOT_FOUND, "no_such_list", name=list_id)
    return found


KnownList = Annotated[SeenList, Depends(_seen_list)]
"""A list that exists for the caller."""
