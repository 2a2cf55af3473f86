"""How do routes, pages and headers become one application?"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service import problems
from service.audit_anchor import anchor_path, drop_anchor_if_possible
from service.described import complete
from service.idempotency import Idempotency
from service.identity import Access
from service.intake import Intake
from service.limits import MEGABYTE, Bounds, Limits
from service.measuring import Meters
from service.pages import (
    account,
    drift,
    list_actions,
    paper,
    problem_pages,
    row_actions,
    scripts,
    segments_hard,
    sign_in,
    sign_in_elsewhere,
)
from service.pages import areas as area_pages
from service.pages import audit as audit_pages
from service.pages import lists as list_pages
from service.pages import people as people_pages
from service.pages import releases as releases_pages
from service.pages import rows as row_pages
from service.pages import segments as segments_pages
from service.pages import supervision as supervision_pages
from service.pages import supervision_rows as supervision_rows_pages
from service.payloads.events import CloudEvent, EventData
from service.payloads.list_life import Close, Defer, HandOver, Override
from service.payloads.models import RollBack
from service.payloads.people import KeyWanted, OwnPassword, SignInRequest, UserChange, UserWanted
from service.payloads.receipts import ReceiptIn
from service.payloads.requests import ListRequest, PlacementIn
from service.payloads.visits import InspectionIn
from service.payloads.workers import CorrectionIn, DecisionIn, ObjectionIn
from service.plain_address import PlainAddress
from service.quick_scores import QuickScores
from service.refreshing import corridors_kept
from service.request_log import RequestLog
from service.routes import (
    alternatives,
    changes,
    events,
    explanations,
    health,
    inspections,
    models,
    people,
    placements,
    prevalence,
    priority_lists,
    receipts,
    rows,
    scores,
    segments,
    sessions,
    workers,
)
from service.running import Running, utc_now
from service.settings import Settings

HERE: Final = Path(__file__).parent
HEADERS: Final = (
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
        b"worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
NOT_KEPT: Final = (b"cache-control", b"no-store")
SMALL: Final = 1000
"""Bytes below which an answer is not worth compressing."""
STATIC: Final = "/static/"
BODIES: Final = (
    PlacementIn,
    CloudEvent,
    EventData,
    CorrectionIn,
    ObjectionIn,
    DecisionIn,
    ListRequest,
    InspectionIn,
    Close,
    Defer,
    HandOver,
    Override,
    ReceiptIn,
    RollBack,
    SignInRequest,
    OwnPassword,
    UserWanted,
    UserChange,
    KeyWanted,
)
"""What a body may be; a field that is misspelt is guessed among theirs."""
ROUTERS: Final = (
    scores.router,
    alternatives.router,
    priority_lists.router,
    segments.router,
    prevalence.router,
    workers.router,
    explanations.router,
    health.router,
    placements.router,
    events.router,
    changes.router,
    rows.router,
    inspections.router,
    sessions.router,
    people.router,
    receipts.router,
    models.router,
)
"""The API, in the order in which it is described."""
PAGES: Final = (
    list_pages.router,
    list_actions.router,
    paper.router,
    row_pages.router,
    row_actions.router,
    area_pages.router,
    sign_in.router,
    sign_in_elsewhere.router,
    account.router,
    supervision_pages.router,
    supervision_rows_pages.router,
    segments_pages.router,
    segments_hard.router,
    releases_pages.router,
    drift.router,
    people_pages.router,
    audit_pages.router,
    scripts.router,
)
DESCRIPTION: Final = (
    "Scores placements for protection risk and makes inspection priority lists that are probability samples. "
    "Scores order visits and support; they never refuse a worker anything."
)


def create_app(running: Running) -> FastAPI:
    """Return the application around what is `running`; it lets go of the database when it stops."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with corridors_kept(running):
            yield
        drop_anchor_if_possible(running.engine, anchor_path(running.settings.audit_key_file))
        running.close()

    def clock() -> datetime:
        told: datetime = app.dependency_overrides.get(utc_now, utc_now)()
        return told

    # the usual pages for trying out an API load scripts from another host, so there are none
    app = Described(
        title="Placement risk",
        version="1.0.0",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # a redirect would send key and body again, where the Host header says
        generate_unique_id_function=lambda route: route.name,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # it would tell addresses and messages
        lifespan=lifespan,
    )
    app.state.running = running
    app.state.meters = Meters()
    app.state.access = Access(running.settings)
    app.state.intake = Intake(running)
    problems.install(app, sorted({name for body in BODIES for name in body.model_fields}))
    problem_pages.install(app)
    for router in ROUTERS:
        app.include_router(router)
    for router in PAGES:
        app.include_router(router, include_in_schema=False)
    app.mount(STATIC.rstrip("/"), StaticFiles(directory=HERE / "static"), name="static")
    _wrap(app, running, clock)
    app.around = lambda inner: RequestLog(
        SafeHeaders(QuickScores(inner, running, app.state.access, clock)), app.state.meters
    )
    return app


def _wrap(app: FastAPI, running: Running, clock: Callable[[], datetime]) -> None:
    """Put around the routes what every request goes through, the innermost first."""
    app.add_middleware(PlainAddress)
    app.add_middleware(Idempotency, running=running, clock=clock)
    app.add_middleware(GZipMiddleware, minimum_size=SMALL)
    app.add_middleware(Limits, bounds=_bounds(running.settings))


def _bounds(settings: Settings) -> Bounds:
    return Bounds(
        body_bytes=int(settings.body_megabytes * MEGABYTE),
        upload_bytes=int(settings.upload_megabytes * MEGABYTE),
        seconds=settings.request_seconds,
        upload_seconds=settings.upload_seconds,
        in_work=settings.requests_in_work,
    )


class Described(FastAPI):
    """An application whose description, made when it is asked for, names the problems that every route may answer.

    `around` wraps everything else, also what answers where something broke.
    """

    around: Callable[[ASGIApp], ASGIApp]

    def build_middleware_stack(self) -> ASGIApp:
        """Return what answers requests."""
        return self.around(super().build_middleware_stack())

    def openapi(self) -> dict[str, Any]:
        """Return the description (OpenAPI 3.1)."""
        if self.openapi_schema is None:
            complete(super().openapi())
        return super().openapi()


class SafeHeaders:
    """Adds to every answer the headers that keep a browser from running or keeping what it should not."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        kept = str(scope.get("path", "")).startswith(STATIC)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS, *(() if kept else (NOT_KEPT,))]
            await send(message)

        await self.app(scope, receive, send_with_headers)
