"""What stands on the page of releases?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from service.language import Language
from service.pages import texts
from service.pages.numbers import decimal
from service.pages.paging import Pages
from service.pages.views import Choice, Frame, Notice
from service.payloads.models import Release

NONE: Final = "–"
NAMES_OF_COLUMNS: Final = "labels"
"""The part of a card that only says what columns are called."""
PLACES: Final = 4


@dataclass(frozen=True)
class CheckView:
    """One question of the gate: what was measured, what was required, whether it holds."""

    name: str
    figure: str
    limit: str
    passed: bool


@dataclass(frozen=True)
class ReleaseView:
    """One release; `fault` says what is wrong with it, None where it is sound."""

    release_id: str
    in_use: bool
    fault: str | None
    promoted: str
    by: str
    kind: str
    origin: str
    previous: str
    card: tuple[tuple[str, str], ...]
    checks: tuple[CheckView, ...]


@dataclass(frozen=True)
class ComparedCheck:
    """One question of the gate in two releases."""

    name: str
    limit: str
    first: str
    second: str


@dataclass(frozen=True)
class Comparison:
    """Two releases side by side; each field is its name and both contents."""

    first: str
    second: str
    fields: tuple[tuple[str, str, str], ...]
    same: str
    checks: tuple[ComparedCheck, ...]


@dataclass(frozen=True)
class Change:
    """What an administrator may do: `roll_back` says what it would do, None where there is no way back."""

    leaving: str
    roll_back: str | None
    switched_off: bool


@dataclass(frozen=True)
class ReleasesPage:
    """The variables of releases.html; `change` is None for who may only read."""

    frame: Frame
    words: Mapping[str, str]
    notices: tuple[Notice, ...]
    trouble: tuple[str, ...]
    done: bool
    answers: str
    in_use: str
    switched_off: bool
    reason: str | None
    change: Change | None
    releases: tuple[ReleaseView, ...]
    pages: Pages
    firsts: tuple[Choice, ...]
    seconds: tuple[Choice, ...]
    comparison: Comparison | None


def release_view(release: Release, language: Language) -> ReleaseView:
    """Return one release as it is shown."""
    words = texts.words(language)
    return ReleaseView(
        release_id=release.release_id,
        in_use=release.in_use,
        fault=release.fault,
        promoted=texts.day(release.created_at, language) if release.created_at else NONE,
        by=approver(release) or words["rl_unknown"],
        kind=release.kind or NONE,
        origin=words.get(f"rl_origin_{release.data_origin}", release.data_origin or NONE),
        previous=release.previous or NONE,
        card=tuple(card_fields(release, language).items()),
        checks=tuple(
            CheckView(name, written(each["figure"], language), written(each["limit"], language), bool(each["passed"]))
            for name, each in checks_of(release).items()
        ),
    )


def approver(release: Release) -> str | None:
    """Return who let the release through, as the gate's verdict or the card says; None where neither does."""
    found = (release.gate or {}).get("approver") or ((release.card or {}).get("register") or {}).get("approver")
    return str(found) if found else None


def checks_of(release: Release) -> dict[str, Mapping[str, Any]]:
    """Return the questions of the gate by name."""
    checks = (release.gate or {}).get("checks") or ()
    return {str(each["name"]): {"figure": None, "limit": None, "passed": False, **each} for each in checks}


def card_fields(release: Release, language: Language) -> dict[str, str]:
    """Return what the card says, part by part, without what columns are called."""
    card = {name: value for name, value in (release.card or {}).items() if name != NAMES_OF_COLUMNS}
    return {name: written(value, language) for name, value in _parts(card, "", language)}


def compare(first: Release, second: Release, language: Language) -> Comparison:
    """Return two releases side by side: fields that differ, and every question of the gate."""
    cards = card_fields(first, language), card_fields(second, language)
    names = list(dict.fromkeys([*cards[0], *cards[1]]))
    differing = [name for name in names if cards[0].get(name) != cards[1].get(name)]
    count = texts.whole_number(len(names) - len(differing), language)
    gates = checks_of(first), checks_of(second)
    words = texts.words(language)
    return Comparison(
        first=first.release_id,
        second=second.release_id,
        fields=tuple((name, cards[0].get(name, NONE), cards[1].get(name, NONE)) for name in differing),
        same=words["rl_same"].format(count=count),
        checks=tuple(
            ComparedCheck(
                name,
                _limits([gate[name]["limit"] for gate in gates if name in gate], language),
                *(_judged(gate.get(name), words, language) for gate in gates),
            )
            for name in dict.fromkeys([*gates[0], *gates[1]])
        ),
    )


def choices(releases: Sequence[Release], chosen: str | None) -> tuple[Choice, ...]:
    """Return the releases that can be chosen, with the chosen one marked."""
    return tuple(Choice(each.release_id, each.release_id, each.release_id == chosen) for each in releases)


def written(value: object, language: Language) -> str:
    """Write what a card or a verdict holds as the reader does.

    >>> written(0.6125, "id"), written(1639, "en"), written(True, "id"), written(None, "en")
    ('0,6125', '1,639', 'ya', '–')
    """
    if value is None or value == "":
        return NONE
    if isinstance(value, bool):
        return texts.words(language)["ad_yes" if value else "ad_no"]
    if isinstance(value, int):
        return texts.whole_number(value, language)
    if isinstance(value, float):
        return (
            texts.whole_number(int(value), language) if value.is_integer() else decimal(value, language, places=PLACES)
        )
    return str(value)


def _parts(value: Mapping[str, Any], above: str, language: Language) -> Iterator[tuple[str, object]]:
    for name, part in value.items():
        path = f"{above} › {name}" if above else str(name)
        if isinstance(part, Mapping) and set(part) == {"id", "en"}:
            yield path, part[language]
        elif isinstance(part, Mapping):
            yield from _parts(part, path, language)
        elif isinstance(part, Sequence) and not isinstance(part, str):
            if any(isinstance(each, Mapping) for each in part):
                yield from _parts({str(number): each for number, each in enumerate(part, 1)}, path, language)
            else:
                yield path, " · ".join(written(each, language) for each in part)
        else:
            yield path, part


def _limits(limits: Sequence[object], language: Language) -> str:
    return " / ".join(dict.fromkeys(written(limit, language) for limit in limits))


def _judged(check: Mapping[str, Any] | None, words: Mapping[str, str], language: Language) -> str:
    if check is None:
        return NONE
    figure = written(check["figure"], language)
    return figure if check["passed"] else f"{figure} ({words['rl_not_passed'].lower()})"
