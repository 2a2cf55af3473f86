"""Can what an address names be looked up?

PostgreSQL keeps no text with the character NUL (`%00`), so nothing that is stored is named by one.
"""

from typing import Final
from urllib.parse import unquote

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.problems import UNPROCESSABLE, ProblemError, answer

NUL: Final = "\0"


class PlainAddress:
    """Answers 422 to an address that holds the character NUL, on every route alike."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and (
            NUL in scope["path"] or NUL in unquote(scope["query_string"].decode("latin-1"))
        ):
            refused = ProblemError(UNPROCESSABLE, "nul_in_address")
            await answer(Request(scope), refused)(scope, receive, send)
            return
        await self.app(scope, receive, send)
