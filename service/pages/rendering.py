"""How does a dataclass become a page?"""

import hashlib
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service.pages.areas_view import AreaEventsPage, AreasPage
from service.pages.audit_view import AuditPage
from service.pages.drift_view import DriftPage
from service.pages.list_actions_view import ClosePage
from service.pages.list_view import ListPage
from service.pages.paper_view import PaperPage
from service.pages.people_view import PeoplePage
from service.pages.releases_view import ReleasesPage
from service.pages.row_view import GoneRowPage, RowPage
from service.pages.segments_view import HardPage, SegmentsPage
from service.pages.sign_in_views import AccountPage, SignInPage
from service.pages.supervision_rows_view import SupervisionRowsPage
from service.pages.supervision_view import SupervisionPage
from service.pages.views import MessagePage

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SERVICE: Final = Path(__file__).parents[1]
STYLE: Final = "style.css"
SCRIPTS: Final = ("page.js", "queue.js")
"""The script of every page, and what it loads."""
TEMPLATES: Final = {
    ListPage: "list.html",
    RowPage: "row_page.html",
    GoneRowPage: "gone_row.html",
    ClosePage: "close.html",
    PaperPage: "paper.html",
    AreasPage: "areas.html",
    AreaEventsPage: "area_events.html",
    MessagePage: "message.html",
    SignInPage: "sign_in.html",
    AccountPage: "account.html",
    SupervisionPage: "supervision.html",
    SegmentsPage: "segments.html",
    HardPage: "segments_hard.html",
    SupervisionRowsPage: "supervision_rows.html",
    ReleasesPage: "releases.html",
    DriftPage: "drift.html",
    PeoplePage: "people.html",
    AuditPage: "audit.html",
}
"""The template of each page; its variables are the fields of the dataclass."""

environment = Environment(
    loader=FileSystemLoader(SERVICE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(view: "DataclassInstance", status: int = 200) -> HTMLResponse:
    """Return `view` as a page."""
    variables = {field.name: getattr(view, field.name) for field in fields(view)}
    return HTMLResponse(environment.get_template(TEMPLATES[type(view)]).render(variables), status)


@cache
def style_sheet() -> str:
    """Return the address of the style sheet; it changes with its content, so browsers may keep it."""
    return f"/static/{STYLE}?v={_digest(STYLE)}"


@cache
def script() -> str:
    """Return the address of the script; it hands its version on to the parts that it loads."""
    return f"/static/{SCRIPTS[0]}?v={_digest(*SCRIPTS)}"


def _digest(*names: str) -> str:
    content = b"".join((SERVICE / "static" / name).read_bytes() for name in names)
    return hashlib.sha256(content).hexdigest()[:8]
