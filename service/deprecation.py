"""How does an API say that one of its routes will go away?

Three headers: `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and `Link` to what takes its place. The
route is also marked in OpenAPI: `@router.get(..., deprecated=True, dependencies=[deprecated(...)])`.
"""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from fastapi import Depends, Response


def deprecated(*, since: datetime, sunset: datetime, successor: str) -> Any:
    """Return the dependency of a route that goes away.

    Args:
        since: from when on it should not be used for anything new.
        sunset: when it stops answering, later than `since`.
        successor: path of the route that takes its place.

    Raises:
        ValueError: it would stop before it was deprecated.
    """
    if sunset <= since:
        raise ValueError(f"sunset {sunset} is not after {since}")
    headers = {
        "Deprecation": f"@{int(since.timestamp())}",
        "Sunset": format_datetime(sunset.astimezone(UTC), usegmt=True),
        "Link": f'<{successor}>; rel="successor-version"',
    }

    def tell(response: Response) -> None:
        response.headers.update(headers)

    return Depends(tell)
