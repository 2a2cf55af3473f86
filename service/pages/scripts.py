"""What does the browser run?

One small module on top of pages that work without it, and a worker that keeps the last pages readable
without a link.
"""

from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse

from service.pages.rendering import SERVICE

router = APIRouter()

WORKER: Final = SERVICE / "static" / "worker.js"


@router.get("/worker.js")
def worker() -> FileResponse:
    """The worker; it stands at the root because it looks after every page."""
    return FileResponse(WORKER, media_type="text/javascript", headers={"Service-Worker-Allowed": "/"})
