"""Logging in and out, here and elsewhere."""

from typing import Annotated, Any, ClassVar

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, JSONBody

from seatwright.accounts.domain import emails
from seatwright.accounts.domain.bearer import SessionId, is_id
from seatwright.accounts.http import client, fields
from seatwright.accounts.service import log_in, sessions
from seatwright.accounts.service.desk import Desk
from seatwright.kit import clock
from seatwright.kit.web import caller
from seatwright.kit.web.app import offered


class Credentials(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Address and password."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "email": "ada@example.com",
        "password": "four muddy boots by the door",
    }

    email: fields.Email
    password: fields.Password


class LoggedIn(msgspec.Struct, frozen=True, kw_only=True):
    """The new session; its secret is in the cookie alone."""

    id: str
    name: str
    email: str
    language: str
    created_at: str
    expires_at: str


class SessionItem(msgspec.Struct, frozen=True, kw_only=True):
    """One device's log-in."""

    id: str
    device: Annotated[str, msgspec.Meta(description="What the browser calls itself.")]
    created_at: str
    last_seen_at: str
    current: bool


class SessionPage(msgspec.Struct, frozen=True, kw_only=True):
    """All of them: there are never more than one page holds."""

    items: list[SessionItem]
    next: str | None = None


@post("/v1/sessions", status_code=201)
async def create_session(
    request: Request[Any, Any, Any], data: JSONBody[Credentials]
) -> Response[LoggedIn]:
    """Log in; the session this browser had before ends."""
    desk = offered(request, Desk)
    replaces = caller.credentials(request).session
    begun = await log_in.log_in(
        desk, client.visitor(request), emails.read(data.email), data.password, replaces=replaces
    )
    answer = LoggedIn(
        id=begun.id,
        name=begun.person.name,
        email=begun.person.email.text,
        language=begun.person.language,
        created_at=clock.rfc3339(begun.created_at),
        expires_at=clock.rfc3339(begun.created_at + begun.lasts),
    )
    cookie = client.cookie(request, begun.secret, int(begun.lasts.total_seconds()))
    return Response(answer, status_code=201, cookies=[cookie])


@get("/v1/sessions")
async def list_sessions(request: Request[Any, Any, Any]) -> Response[SessionPage]:
    """Where you are logged in, newest first."""
    principal, session = await client.person(request)
    assert principal.person is not None
    found = await sessions.listed(offered(request, Desk), principal.person, session)
    items = [
        SessionItem(
            id=each.id,
            device=each.device,
            created_at=clock.rfc3339(each.created_at),
            last_seen_at=clock.rfc3339(each.last_seen_at),
            current=each.current,
        )
        for each in found
    ]
    return Response(SessionPage(items=items))


@delete("/v1/sessions/current", status_code=204)
async def delete_current_session(request: Request[Any, Any, Any]) -> Response[None]:
    """Log out here; once more is no error."""
    session = caller.credentials(request).session
    if session is not None:
        await log_in.log_out(offered(request, Desk), client.visitor(request), session)
    return Response(None, status_code=204, cookies=[client.no_cookie(request)])


@delete("/v1/sessions/{session_id:str}", status_code=204)
async def delete_session(
    request: Request[Any, Any, Any], session_id: FromPath[str]
) -> Response[None]:
    """End one of your sessions."""
    principal, _ = await client.person(request)
    assert principal.person is not None
    if not is_id(session_id):
        raise sessions.SessionNotFound("You have no session of this id.")
    visitor = client.visitor(request, principal)
    await sessions.end(offered(request, Desk), visitor, principal.person, SessionId(session_id))
    return Response(None, status_code=204)


@delete("/v1/sessions", status_code=204)
async def delete_sessions(request: Request[Any, Any, Any]) -> Response[None]:
    """Log out everywhere, here included."""
    principal, _ = await client.person(request)
    assert principal.person is not None
    visitor = client.visitor(request, principal)
    await sessions.end_all(offered(request, Desk), visitor, principal.person)
    return Response(None, status_code=204, cookies=[client.no_cookie(request)])


ROUTES = (
    create_session,
    list_sessions,
    delete_current_session,
    delete_session,
    delete_sessions,
)
