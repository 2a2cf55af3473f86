"""What do the pages have in common?

The variables of a template are the fields of its dataclass, no more and no fewer.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from risk_model import vocabulary
from risk_model.vocabulary import Office
from service.language import Language
from service.pages import texts
from service.pages.navigation import Entry
from service.payloads.requests import Unit


@dataclass(frozen=True)
class Choice:
    """One entry of a select field."""

    value: str
    label: str
    selected: bool


@dataclass(frozen=True)
class Notice:
    """One sentence that every reader must see; `kind` sets its weight on the page."""

    kind: str
    text: str


@dataclass(frozen=True)
class Reader:
    """Whoever is signed in; `form_token` goes into every form, None for a system with a key."""

    name: str
    role: str
    form_token: str | None
    sees_lists: bool
    seeks: bool


@dataclass(frozen=True)
class Frame:
    """What every page has around it; `reader` is None where nobody is signed in.

    `script_data` are the attributes of the page that the script reads: who reads, the form token, for how long
    something can be taken back, and every sentence it says; empty where nobody is signed in by a session.
    """

    language: Language
    other_language: Language
    language_link: str
    style_sheet: str
    script: str
    script_data: Mapping[str, str]
    navigation: tuple[Entry, ...]
    reader: Reader | None


@dataclass(frozen=True)
class MessagePage:
    """The variables of message.html."""

    frame: Frame
    words: Mapping[str, str]
    title: str
    message: str


def notices(stored: Sequence[Mapping[str, str]], language: Language) -> tuple[Notice, ...]:
    """Return stored notices in the reader's language."""
    return tuple(Notice(notice["code"], notice[f"text_{language}"]) for notice in stored)


def office_choices(
    offices: Mapping[str, Office], seen: Collection[str] | None, chosen: str | None, language: Language
) -> tuple[Choice, ...]:
    """Return the offices that the reader sees, with the chosen one marked; None: all, and the whole register."""
    whole = (Choice("", texts.words(language)["whole_register"], chosen == ""),) if seen is None else ()
    names = {code: office_label(code, offices, language) for code in offices if seen is None or code in seen}
    return (*(Choice(code, name, code == chosen) for code, name in names.items()), *whole)


def office_label(code: str, offices: Mapping[str, Office], language: Language) -> str:
    """Return what an office is called."""
    if code in vocabulary.codes("offices"):
        return vocabulary.label("offices", code, language)
    return offices[code].name if code in offices else code


def unit_choices(chosen: str, language: Language) -> tuple[Choice, ...]:
    """Return the units a list can be made of."""
    words = texts.words(language)
    return tuple(Choice(unit, words[f"unit_{unit}"], unit == chosen) for unit in get_args(Unit))
