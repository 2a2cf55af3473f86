"""In which language does the reader want an answer?"""

from typing import Final, Literal

Language = Literal["id", "en"]

LANGUAGES: Final[tuple[Language, ...]] = ("id", "en")
DEFAULT: Final[Language] = "id"


def preferred(accept_language: str | None) -> Language:
    """Return the first language of an `Accept-Language` header that we speak, Indonesian where it names none.

    >>> preferred("en-GB,en;q=0.9,id;q=0.8"), preferred("fr, id;q=0.2, en;q=0.9"), preferred(None)
    ('en', 'en', 'id')
    """
    weighted = [_weighted(part) for part in (accept_language or "").split(",")]
    for weight, language in sorted(weighted, key=lambda pair: -pair[0]):
        if language in LANGUAGES and weight > 0:
            return "en" if language == "en" else "id"
    return DEFAULT


def _weighted(part: str) -> tuple[float, str]:
    name, _, weight = part.strip().partition(";q=")
    try:
        return float(weight or 1), name.split("-")[0].strip().lower()
    except ValueError:
        return 0.0, ""
