"""A small application with one of everything that the edge treats specially."""

from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post, put
from litestar.datastructures import ResponseHeader
from litestar.params import FromPath, FromQuery, JSONBody

from seatwright.kit import errors, limits, log, signing
from seatwright.kit.web import app, caller, pages

KEYS = signing.Keyring(b"k" * 32)


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A wish for seats."""

    quantity: Annotated[int, msgspec.Meta(ge=1, le=8, examples=[2])]
    name: str = ""


class Till:
    """Something a handler asks for by type."""

    def __init__(self) -> None:
        self.refusal: Exception | None = None
        self.taken: list[Wish] = []


@get("/v1/fail", sync_to_thread=False)
def fail(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Raise what the till holds."""
    refusal = app.offered(request, Till).refusal
    assert refusal is not None
    raise refusal


@post("/v1/wishes")
async def wish(request: Request[Any, Any, Any], data: JSONBody[Wish]) -> Response[Wish]:
    """Take a wish."""
    app.offered(request, Till).taken.append(data)
    log.note(session_token="abc", wish=data.quantity)
    return Response(data, status_code=201)


@get("/v1/things")
async def things(
    q: FromQuery[int | None] = None, limit: FromQuery[int] = limits.PAGE_ITEMS_DEFAULT
) -> dict[str, Any]:
    """List things."""
    return {"q": q, "limit": pages.limit(limit)}


@get("/v1/who")
async def who(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Say what credentials came."""
    return msgspec.to_builtins(caller.credentials(request))


@post("/v1/who")
async def act(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Act in somebody's name."""
    key = caller.idempotency_key(request, required=False)
    return {"session": caller.credentials(request).session, "key": key}


@post("/v1/once")
async def once(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Act once."""
    return {"key": caller.idempotency_key(request, required=True)}


@put("/v1/links/{code:str}", secret_path=True)
async def link(code: FromPath[str]) -> None:
    """Use a mailed link."""


@get(
    "/v1/tickets/{ticket:str}/pdf",
    response_headers=[ResponseHeader(name="ETag", documentation_only=True, description="x")],
)
async def paper(ticket: FromPath[str]) -> Response[bytes]:
    """A ticket's paper."""
    return Response(
        ticket.encode(), media_type="application/pdf", headers={"Cache-Control": "max-age=60"}
    )


@post("/v1/bodies")
async def bodies(request: Request[Any, Any, Any]) -> dict[str, int]:
    """Count bytes."""
    return {"bytes": len(await request.body())}


@post("/v1/uploads", request_max_body_size=limits.UPLOAD_BYTES_MAX)
async def count_upload(request: Request[Any, Any, Any]) -> dict[str, int]:
    """Count bytes."""
    return {"bytes": len(await request.body())}


ROUTES = [fail, wish, things, who, act, once, link, paper, bodies, count_upload]


def open_shop() -> tuple[Any, Till]:
    """The application and what it was built with."""
    till = Till()
    return app.build(ROUTES, [till], service="shop", version="1.2.3"), till


class NoSuchSeat(errors.NotFound):
    code = "seat_not_found"
