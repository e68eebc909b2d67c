"""One application from the routes of any number of services."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from litestar import Litestar, Request, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.response import Response
from litestar.types import ASGIApp

from seatwright.kit import errors, limits, telemetry
from seatwright.kit.web import problems
from seatwright.kit.web.description import Description
from seatwright.kit.web.edge import Edge
from seatwright.kit.web.proxies import Proxies
from seatwright.kit.web.strict_json import StrictJson

Kind = TypeVar("Kind")
_OFFERED = "offered"
LOCAL_PROXIES = Proxies()


def offered(request: Request[Any, Any, Any], kind: type[Kind]) -> Kind:
    """The object of type `kind` that this application was built with."""
    found: Kind = request.app.state[_OFFERED][kind]
    return found


@get("/v1/openapi.json", include_in_schema=False, sync_to_thread=False)
def openapi(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The description of the whole API."""
    document = offered(request, Description).document
    headers = {"Cache-Control": "public, max-age=300"}
    return Response(document, media_type="application/json", headers=headers)


def build(
    routes: Sequence[Any],
    offers: Sequence[object],
    *,
    service: str,
    version: str,
    proxies: Proxies = LOCAL_PROXIES,
    description: Description | None = None,
) -> ASGIApp:
    """
    The ASGI application of a process.

    `offers` are the services' objects that handlers ask for with `offered(request, Kind)`.
    `proxies` are believed when they say whose request they pass on. `description` is the whole
    API's, of which these routes may be a part; without it, theirs alone.
    """
    own = (proxies, description or Description.of(routes, version=version))
    application = Litestar(
        route_handlers=[*routes, openapi],
        state=State({_OFFERED: {type(offer): offer for offer in (*own, *offers)}}),
        dto=StrictJson,
        return_dto=None,
        exception_handlers={
            errors.Expected: problems.on_expected,
            HTTPException: problems.on_framework,
            Exception: problems.on_fault,
        },
        # The framework would serve a description at an address of its own.
        openapi_config=None,
        # A route that takes files says so by a larger `request_max_body_size`.
        request_max_body_size=limits.BODY_BYTES_MAX,
        logging_config=None,
    )
    return Edge(application, service=service)


def private(ready: Callable[[], Awaitable[dict[str, bool]]]) -> ASGIApp:
    """The operators' application, for a port of its own: health, readiness, metrics."""

    @get("/healthz", include_in_schema=False)
    async def healthz() -> str:
        """Whether the process lives."""
        return "ok"

    @get("/readyz", include_in_schema=False)
    async def readyz() -> Response[dict[str, bool]]:
        """Whether everything it needs answers."""
        found = await ready()
        return Response(found, status_code=200 if all(found.values()) else 503)

    @get("/metrics", include_in_schema=False)
    async def metrics() -> Response[bytes]:
        """Prometheus text format."""
        return Response(telemetry.exposition(), media_type="text/plain; version=0.0.4")

    return Litestar(
        route_handlers=[healthz, readyz, metrics], openapi_config=None, logging_config=None
    )
