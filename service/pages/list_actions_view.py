"""What stands on the page that closes a list?"""

from collections.abc import Mapping
from dataclasses import dataclass

from service.pages.row_parts import RowView
from service.pages.views import Frame, Notice
from service.pages.visit_form import Option


@dataclass(frozen=True)
class ToClose:
    """One row that needs a reason, and what was chosen for it."""

    row: RowView
    reason: str
    note: str


@dataclass(frozen=True)
class ClosePage:
    """The variables of close.html; `trouble` says why the list could not be closed, empty before the first try."""

    frame: Frame
    words: Mapping[str, str]
    notices: tuple[Notice, ...]
    title: str
    list_id: str
    version: int
    trouble: tuple[str, ...]
    rows: tuple[ToClose, ...]
    reasons: tuple[Option, ...]
