"""Which area do a code and a name stand for?"""

import re

from risk_model import vocabulary
from risk_model.data.cells.cell import Cell, Refusal, is_blank, tidy

_CODE_AND_NAME = re.compile(r"^(\d{2}(?:[.,]\d{1,4}){0,3})\s*[-–—:]?\s*(?=[^\W\d])(.+)$")
_NEARLY_DOTTED = re.compile(r"^\d{2}(?:,\d{2}){1,2}(?:,\d{4})?$")
_DROPPED_ZERO = re.compile(r"^\d{2}\.\d$")
_UNDOTTED = re.compile(r"^\d{4}$|^\d{6,7}$|^\d{10}$")
_KIND_OF_AREA = re.compile(r"^(?:kabupaten|kab|kota|kotamadya|kodya|provinsi|prov|kec|kecamatan)\b[.\s]*", re.I)
HOW_TO_WRITE = "give the dotted Kemendagri code, for example 53.06"


def parse_area(code: Cell, name: Cell, system: str | None, blanks: frozenset[str]) -> str | Refusal | None:
    """Return the dotted Kemendagri code of an area from its code, its name, or both; None where both are blank.

    `system` says whose codes undotted ones are. Without it they are refused: 5301 is Kupang to
    Kemendagri and Sumba Barat to BPS.
    """
    has_code, has_name = not is_blank(code, blanks), not is_blank(name, blanks)
    label = tidy(name) if has_name else ""
    if not has_code:
        return _area_by_name(label) if has_name else None
    text = _dotted(code, label)
    if match := _CODE_AND_NAME.match(text):
        text, label = match[1].replace(",", "."), label or match[2]
    if _UNDOTTED.match(text):
        found = _undotted(text, system)
        if isinstance(found, Refusal):
            return found
        text = found
    if vocabulary.area(text) is None:
        by_name = vocabulary.find("areas", text) if any(letter.isalpha() for letter in text) else None
        if by_name is None:
            meant = vocabulary.find("areas", label) if label else None
            return Refusal("not a known area", meant or _nearest(text))
        text = by_name
    return _agreeing(text, label)


def _dotted(code: Cell, label: str) -> str:
    text = tidy(code)
    if _NEARLY_DOTTED.match(text):
        text = text.replace(",", ".")
    if _DROPPED_ZERO.match(text):  # a spreadsheet shows the number 53.10 as 53.1
        restored = f"{text}0"
        if not isinstance(code, str) or (label and _same_area(restored, label)):
            return restored
    return text


def _undotted(text: str, system: str | None) -> str | Refusal:
    if system == "kemendagri":
        cuts = [text[:2], text[2:4], text[4:6], text[6:]]
        return ".".join(cut for cut in cuts if cut)
    if system == "bps":
        by_bps = {
            row.extra["bps_code"]: row.code for row in vocabulary.table("areas").values() if row.extra["bps_code"]
        }
        return by_bps.get(text) or Refusal("not a BPS code with a known Kemendagri code", HOW_TO_WRITE)
    meant = f"{text[:2]}.{text[2:4]}" if len(text) == len("5301") else ""
    return Refusal(
        "an undotted area code, which may be BPS or Kemendagri",
        f"{meant}, if it is Kemendagri's".lstrip(", ") if vocabulary.area(meant) else HOW_TO_WRITE,
    )


def _area_by_name(label: str) -> str | Refusal:
    found = vocabulary.find("areas", label)
    return found or Refusal("not a known area", _nearest(label))


def _nearest(text: str) -> str:
    guess = vocabulary.nearest_code("areas", text)
    if _DROPPED_ZERO.match(text) and vocabulary.area(f"{text}0"):
        return f"{text}0, if a spreadsheet dropped the zero"
    elsewhere = text[:2].isdigit() and guess is not None and not guess.startswith(text[:2])
    return HOW_TO_WRITE if guess is None or elsewhere else guess


def _agreeing(code: str, label: str) -> str | Refusal:
    named = vocabulary.find("areas", label) if label else None
    if named is None or _same_area(code, label) or vocabulary.contains(named, code):
        return code
    if vocabulary.contains(code, named):
        return named
    return Refusal(f"the code is {_title(code)}, the name is not", f"{named} for {_title(named)}")


def _same_area(code: str, label: str) -> bool:
    """Say whether `label` names the area `code`; a bare "Kupang" names both the kabupaten and the kota."""
    if vocabulary.find("areas", label) == code:
        return True
    place = vocabulary.fold(_KIND_OF_AREA.sub("", _title(code)))
    return vocabulary.fold(label) == place


def _title(code: str) -> str:
    return vocabulary.label("areas", code)
