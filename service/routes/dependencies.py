"""What do the routes ask for before they answer?"""

from typing import Annotated

from fastapi import Depends, Header, Path, Query

from service.identity import Caller, sees_office, shown_to
from service.language import Language, preferred
from service.problems import NOT_FOUND, ProblemError
from service.running import Service
from service.storage.lists import StoredList, find_list


def _reader_language(
    accept_language: Annotated[str | None, Header(include_in_schema=False)] = None,
    lang: Annotated[Language | None, Query(description="id or en; before Accept-Language")] = None,
) -> Language:
    return lang or preferred(accept_language)


ReaderLanguage = Annotated[Language, Depends(_reader_language)]


def _known_list(
    list_id: Annotated[str, Path(examples=["20260401-7f3kq9x2"])], running: Service, caller: Caller
) -> StoredList:
    found = find_list(running.engine, list_id)
    if found is None or not sees_office(caller, running, found.head["office"]):
        raise ProblemError(NOT_FOUND, "no_such_list", name=list_id)
    return shown_to(caller, found)


KnownList = Annotated[StoredList, Depends(_known_list)]
