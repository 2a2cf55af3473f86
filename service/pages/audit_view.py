"""What stands on the page of the audit log?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from service.language import Language
from service.pages import texts
from service.pages.views import Frame, Notice
from service.storage.audit_check import Verdict
from service.storage.audit_reading import LogRow

FIELDS: Final = ("who", "action", "object", "from", "until")
NO_DETAIL: Final = "{}"


@dataclass(frozen=True)
class LogField:
    """One field of the filter; `help` says what it takes, None where that is plain."""

    name: str
    label: str
    kind: str
    value: str
    help: str | None


@dataclass(frozen=True)
class LogLine:
    """One entry; the links narrow the log to the same person, action or object."""

    seq: str
    at: str
    who: str
    who_link: str
    login: str | None
    role: str
    action: str
    action_link: str
    object: str | None
    object_link: str | None
    detail: str | None


@dataclass(frozen=True)
class Chain:
    """What the check of the chain said: whether it holds, the sentence, and the fault as it was found."""

    holds: bool
    says: str
    fault: str | None


@dataclass(frozen=True)
class AuditPage:
    """The variables of audit.html; `chain` is None until somebody asks for the check."""

    frame: Frame
    words: Mapping[str, str]
    notices: tuple[Notice, ...]
    trouble: str | None
    fields: tuple[LogField, ...]
    filtered: bool
    kept: tuple[tuple[str, str], ...]
    chain: Chain | None
    lines: tuple[LogLine, ...]
    newest: str | None
    older: str | None


def log_fields(asked: Mapping[str, str], language: Language) -> tuple[LogField, ...]:
    """Return the fields of the filter with what was asked for."""
    words = texts.words(language)
    helps = {"who": words["au_who_help"]}
    kinds = {"from": "date", "until": "date"}
    return tuple(
        LogField(name, words[f"au_{name}"], kinds.get(name, "text"), asked.get(name, ""), helps.get(name))
        for name in FIELDS
    )


def log_lines(
    rows: Sequence[LogRow], logins: Mapping[str, str], asked: Mapping[str, str], language: Language
) -> tuple[LogLine, ...]:
    """Return the entries as they are shown; `logins` are those of users by `user:…`."""
    return tuple(
        LogLine(
            seq=texts.whole_number(row.seq, language),
            at=f"{texts.day(row.at, language)} {row.at:%H:%M:%S}",
            who=row.who,
            who_link=link({**asked, "who": row.who}),
            login=logins.get(row.who),
            role=texts.words(language).get(f"role_{row.role}", row.role),
            action=row.action,
            action_link=link({**asked, "action": row.action}),
            object=row.object,
            object_link=None if row.object is None else link({**asked, "object": row.object}),
            detail=None if row.detail == NO_DETAIL else row.detail,
        )
        for row in rows
    )


def link(query: Mapping[str, str]) -> str:
    """Return the address of the log that `query` narrows."""
    return f"/audit?{urlencode(query)}"


def chain(verdict: Verdict, language: Language) -> Chain:
    """Return what the check said."""
    words = texts.words(language)
    if verdict.is_whole:
        return Chain(True, words["au_whole"].format(rows=texts.whole_number(verdict.rows, language)), None)
    place = texts.whole_number(verdict.first_bad or verdict.rows, language)
    return Chain(False, words["au_broken"].format(seq=place), verdict.fault)


def too_long(rows: int, most: int, language: Language) -> Chain:
    """Return that a log of so many `rows` is not checked while somebody waits."""
    numbers = {"rows": texts.whole_number(rows, language), "most": texts.whole_number(most, language)}
    return Chain(False, texts.words(language)["au_too_long"].format(**numbers), None)
