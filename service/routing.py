"""Which methods does an address take?"""

from typing import Final

from starlette.routing import Match
from starlette.types import Scope

METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def has_route(scope: Scope, method: str) -> bool:
    """Return whether the application that got `scope` has a route for its path and `method`."""
    asked = {**scope, "method": method}
    return any(route.matches(asked)[0] is Match.FULL for route in scope["app"].routes)


def methods_of(scope: Scope) -> tuple[str, ...]:
    """Return every method that the path takes, which several routes may share.

    An address that is described by itself, such as /v1/placements/import, takes what is described, though it reads
    like one with a name in it as well.
    """
    described = scope["app"].openapi()["paths"].get(scope["path"], {})
    if described:
        return tuple(method for method in METHODS if method.lower() in described)
    return tuple(method for method in METHODS if has_route(scope, method))
