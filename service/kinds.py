"""Of which kind is what a caller sent, and which kind of an answer do they want most?"""

from collections.abc import Iterable, Sequence

from starlette.requests import Request


def kind_sent(request: Request) -> str:
    """Return the media type of a body, without its parameters; empty where none is said."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def most_wanted(accept: str, kinds: Sequence[str]) -> str:
    """Return which of the `kinds` of an answer an `Accept` header wants most, the first of them where it names none.

    >>> most_wanted("text/csv;q=0.5, application/json", ("application/json", "text/csv"))
    'application/json'
    >>> most_wanted("application/xml, text/csv;header=present", ("application/json", "text/csv"))
    'text/csv'
    """
    weights = {kinds[0]: 0.0}
    for part in accept.split(","):
        name, *parameters = (word.strip().lower() for word in part.split(";"))
        if name in kinds:
            weights[name] = _weight(parameters)
    return max(weights, key=lambda name: weights[name])


def _weight(parameters: Iterable[str]) -> float:
    sent = next((word.removeprefix("q=") for word in parameters if word.startswith("q=")), "1")
    try:
        return float(sent)
    except ValueError:
        return 0.0
