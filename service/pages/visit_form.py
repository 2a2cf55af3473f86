"""What can be chosen where a visit is recorded?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from risk_model import vocabulary
from risk_model.vocabulary import LIST_SEPARATOR
from service.language import Language
from service.pages import texts

OUTCOMES: Final = ("no_harm_found", "harm_found", "not_reached")
SEVERITIES: Final = ("1", "2", "3")
AHEAD_OF_UTC: Final = timedelta(hours=9)
"""The easternmost zone of Indonesia: a day that has begun there may be told."""


@dataclass(frozen=True)
class Option:
    """One thing to choose: its code, and what it is called."""

    value: str
    label: str


@dataclass(frozen=True)
class VisitForm:
    """The choices, and `sent`: what was sent before and could not be kept, by field."""

    outcomes: tuple[Option, ...]
    findings: tuple[tuple[str, tuple[Option, ...]], ...]
    severities: tuple[Option, ...]
    reasons: tuple[Option, ...]
    today: str
    sent: Mapping[str, str] = field(default_factory=dict)


def visit_form(language: Language, now: datetime, sent: Mapping[str, str] | None = None) -> VisitForm:
    """Return the form as of `now`; the findings are the fixed ones of the reference tables."""
    words = texts.words(language)
    return VisitForm(
        outcomes=tuple(Option(code, words[f"outcome_{code}"]) for code in OUTCOMES),
        findings=tuple(
            (words[title], _options(table, language))
            for title, table in (("findings_complaints", "complaint_categories"), ("findings_rules", "findings"))
        ),
        severities=tuple(Option(code, words[f"severity_{code}"]) for code in SEVERITIES),
        reasons=reasons_for("not_reached", language=language),
        today=local_day(now).isoformat(),
        sent=sent or {},
    )


def local_day(now: datetime) -> date:
    """Return the latest day that has begun somewhere in Indonesia."""
    return (now + AHEAD_OF_UTC).date()


def reasons_for(*actions: str, language: Language) -> tuple[Option, ...]:
    """Return the reasons that may be given for one of `actions` (see the table `override_reasons`)."""
    rows = vocabulary.table("override_reasons")
    fits = [code for code, row in rows.items() if {*actions} & {*row.extra["applies_to"].split(LIST_SEPARATOR)}]
    return tuple(Option(code, vocabulary.label("override_reasons", code, language)) for code in fits)


def _options(table: str, language: Language) -> tuple[Option, ...]:
    return tuple(Option(code, vocabulary.label(table, code, language)) for code in vocabulary.table(table))
