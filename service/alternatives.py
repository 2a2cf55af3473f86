"""Which options near a draft placement go with less risk?

One or two things changed, for the same worker and destination, all else equal; only what the register
has seen and the model supports, and only where the whole interval of the difference lies below 0.
What the draft and an option share cancels out, so that interval holds the changed terms alone.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from sqlalchemy import func, select

from risk_model.scoring.scorer import INTERVAL_Z, CompiledModel
from service.champion import worst_origin
from service.kept_figures import Basis
from service.live_scoring import NO_PLACEMENT, LiveScoring, Scored, value_label
from service.payloads.alternatives import VERIFY, Alternatives, ChangedField, Difference, Option
from service.payloads.answers import PermittedUse
from service.payloads.requests import PlacementIn
from service.running import Running
from service.tables.register import imports, placements

CHANGED: Final = ("sector", "position", "employer_type", "scheme", "certification_level")
"""What an option may change; no trait of the person, and not where somebody goes."""
OPEN_SCHEMES: Final = ("G_TO_G", "G_TO_P", "P_TO_P", "INDIVIDUAL")
"""Schemes that a candidate can turn to: the others extend a contract at work, or are a company's for its own staff."""
INDIVIDUAL_WITH: Final = "legal_entity"
"""With which employer the individual scheme is open (our reading of Law 18/2017 Art 63); advice keeps to the law."""
MOST_CHANGES: Final = 2
SEEN_AT_LEAST: Final = 10
"""Placements of a kind that the register must hold: below that it is no figure (R35) and perhaps no real job."""
ROUNDED_TO: Final = 5
MOST_OPTIONS: Final = 5
GOOD_FOR: Final = timedelta(hours=1)
"""How long the register's kinds are taken as counted while placements are registered."""
LABELS: Final = {
    "sector": ("Sektor", "Sector"),
    "position": ("Jabatan", "Position"),
    "employer_type": ("Jenis pemberi kerja", "Employer type"),
    "scheme": ("Skema penempatan", "Placement scheme"),
    "certification_level": ("Tingkat sertifikasi terverifikasi", "Verified certification level"),
}
UNSUPPORTED: Final = (
    "Koridor ini belum pernah dipelajari, jadi tidak ada yang dapat dibandingkan; petugas yang menilai.",
    "This corridor was never learnt from, so there is nothing to compare; an officer judges.",
)
ONLY_THE_RULE: Final = (
    "Hanya aturan dua baris yang berlaku: angka terbitan tidak cukup untuk menyarankan pilihan lain.",
    "Only the two-line rule answers: published rates are not enough to suggest other options.",
)
NONE_SURE: Final = (
    "Tidak ada pilihan serupa yang cukup pasti berkaitan dengan risiko lebih rendah.",
    "No option nearby goes with less risk surely enough.",
)

Kind = tuple[Any, ...]
"""Values of CHANGED; the certification level counts only where it is verified, else it is None."""


@dataclass(frozen=True)
class _Candidate:
    """One option with its score and the difference to the draft (log-odds, and their standard error)."""

    kind: Kind
    scored: Scored
    log_odds: float
    spread: float


def alternatives(running: Running, draft: PlacementIn, *, now: datetime) -> Alternatives:
    """Return the options near `draft`, with the largest difference first."""
    scoring = running.scoring()
    row = draft.model_dump() | {"placement_id": NO_PLACEMENT}
    scored = scoring.score(row, now)
    own = _kind(row)
    if not scored.score.supported:
        return _answer(draft, scored, scoring, (), UNSUPPORTED)
    if scoring.served.is_published_rule:
        return _answer(draft, scored, scoring, (), ONLY_THE_RULE)
    seen = _kinds_seen(running, draft.destination, now)
    found = list(_below(scoring, row, scored, [kind for kind in seen if _is_near(kind, own)], now))
    chosen = [one for one in found if not any(_does_more(other, one, own) for other in found)]
    chosen.sort(key=lambda one: (one.log_odds, one.kind[:4]))
    options = tuple(_option(one, own, scored, scoring.served.model, seen[one.kind]) for one in chosen[:MOST_OPTIONS])
    return _answer(draft, scored, scoring, options, (None, None) if options else NONE_SURE)


def _kinds_seen(running: Running, destination: str, now: datetime) -> Mapping[Kind, int]:
    """Return how many placements of each kind go to `destination`; counted once for each import."""
    newest = select(func.max(imports.c.import_id))
    columns = [placements.c[name] for name in (*CHANGED, "certification_verified")]
    query = select(*columns, func.count()).where(placements.c.destination == destination).group_by(*columns)

    def count() -> dict[Kind, int]:
        seen: dict[Kind, int] = {}
        with running.engine.connect() as connection:
            for *values, number in connection.execute(query):
                kind = _kind(dict(zip((*CHANGED, "certification_verified"), values, strict=True)))
                seen[kind] = seen.get(kind, 0) + number
        return {kind: number for kind, number in seen.items() if number >= SEEN_AT_LEAST}

    with running.engine.connect() as connection:
        basis = Basis(connection.execute(newest).scalar(), now)
    return running.figures.get(("kinds", destination), basis, now=now, good_for=GOOD_FOR, make=count)


def _kind(row: Mapping[str, Any]) -> Kind:
    level = row["certification_level"] if row["certification_verified"] else None
    return (*(row[name] for name in CHANGED[:-1]), level)


def _is_near(kind: Kind, own: Kind) -> bool:
    """Whether one or two things are other than in the draft, one of them recorded, and open; no certificate is lost."""
    changed = [name for name, mine, other in zip(CHANGED, own, kind, strict=True) if mine != other]
    if not 1 <= len(changed) <= MOST_CHANGES or any(kind[CHANGED.index(name)] is None for name in changed):
        return False
    recorded = [name for name in changed if name == CHANGED[-1] or own[CHANGED.index(name)] is not None]
    keeps_level = kind[-1] == own[-1] or own[-1] is None or kind[-1] > own[-1]
    return bool(recorded) and keeps_level and _is_open(kind, changed)


def _is_open(kind: Kind, changed: Sequence[str]) -> bool:
    """Whether a candidate may turn to the scheme of `kind` with its employer; kept as they are, both may stay."""
    _, _, employer, scheme, _ = kind
    if "scheme" in changed and scheme not in OPEN_SCHEMES:
        return False
    touched = "scheme" in changed or "employer_type" in changed
    return not touched or scheme != "INDIVIDUAL" or employer == INDIVIDUAL_WITH


def _below(
    scoring: LiveScoring, row: Mapping[str, Any], draft: Scored, kinds: Sequence[Kind], now: datetime
) -> Iterator[_Candidate]:
    """Yield the kinds that the model supports and whose difference lies below 0 with all of its interval."""
    if not kinds:
        return
    rows = [_changed(row, kind) for kind in kinds]
    for kind, scored in zip(kinds, scoring.score_many(rows, now), strict=True):
        if not scored.score.supported:
            continue
        difference, variance = _difference(scoring.served.model, draft, scored)
        spread = INTERVAL_Z * math.sqrt(variance)
        if difference + spread < 0:
            yield _Candidate(kind, scored, difference, spread)


def _changed(row: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    changed = {**row, **dict(zip(CHANGED[:-1], kind, strict=False))}
    if kind[-1] is not None:
        changed |= {"certification_level": kind[-1], "certification_verified": True}
    return changed


def _difference(model: CompiledModel, draft: Scored, option: Scored) -> tuple[float, float]:
    """Return the difference in log-odds and its variance: terms that give both the same code cancel out."""
    difference, variance = 0.0, 0.0
    for place, term in enumerate(model.terms):
        codes = [term.coding.encode_one(one.inputs) for one in (draft, option)]
        if codes[0] != codes[1]:
            difference += option.score.contributions[place] - draft.score.contributions[place]
            variance += float(term.variances[codes].sum())
    return difference, variance


def _does_more(other: _Candidate, one: _Candidate, own: Kind) -> bool:
    """Whether `other` changes less than `one`, nothing else, and goes with no more risk."""
    mine, others = _changes(one.kind, own), _changes(other.kind, own)
    return others < mine and other.log_odds <= one.log_odds


def _changes(kind: Kind, own: Kind) -> frozenset[tuple[str, Any]]:
    pairs = zip(CHANGED, kind, own, strict=True)
    return frozenset((name, value) for name, value, before in pairs if value != before)


def _option(one: _Candidate, own: Kind, draft: Scored, model: CompiledModel, seen: int) -> Option:
    score, base = one.scored.score, draft.score.risk or 0.0
    # from the draft's own log-odds: risk is the probability that a visit finds harm, over detection
    start = model.intercept + math.fsum(draft.score.contributions)
    ends = [_risk(start + one.log_odds + way * one.spread, model) - base for way in (0, -1, 1)]
    return Option(
        changes=tuple(
            _change(name, before, after)
            for name, before, after in zip(CHANGED, own, one.kind, strict=True)
            if before != after
        ),
        risk=score.risk,
        low=score.low,
        high=score.high,
        band=score.band,
        difference=Difference(risk=ends[0], low=ends[1], high=ends[2]),
        seen=seen - seen % ROUNDED_TO,
    )


def _risk(log_odds: float, model: CompiledModel) -> float:
    return float(np.minimum(1.0, 1 / (1 + np.exp(-log_odds)) / model.detection))


def _change(name: str, before: Any, after: Any) -> ChangedField:
    texts = [
        f"{LABELS[name][place]}: {_named(name, before, language)} → {_named(name, after, language)}"
        for place, language in enumerate(("id", "en"))
    ]
    return ChangedField(
        field=name, before=None if before is None else str(before), after=str(after), text_id=texts[0], text_en=texts[1]
    )


def _named(name: str, value: Any, language: str) -> str:
    if value is None:
        return {"id": "tidak tercatat", "en": "not recorded"}[language]
    return value_label(name, str(value), language) or str(value)


def _answer(
    draft: PlacementIn,
    scored: Scored,
    scoring: LiveScoring,
    options: tuple[Option, ...],
    notice: tuple[str, str] | tuple[None, None],
) -> Alternatives:
    score = scored.score
    verify = VERIFY if draft.certification_level is not None and not draft.certification_verified else (None, None)
    return Alternatives(
        placement_id=draft.placement_id,
        risk=score.risk,
        low=score.low,
        high=score.high,
        band=score.band,
        supported=score.supported,
        options=options,
        notice_id=notice[0],
        notice_en=notice[1],
        verify_id=verify[0],
        verify_en=verify[1],
        model_version=scoring.served.version,
        permitted_use=PermittedUse(),
        data_origin=worst_origin(draft.data_origin, scoring.histories.data_origin, scoring.served.data_origin),
    )
