"""The other end of a request: its program, its cookie, who it says it is."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.datastructures import Cookie

from seatwright.accounts.service.desk import Desk, Visitor
from seatwright.contracts.accounts import Principal, identify
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit.errors import Forbidden, NotFound, Unauthenticated
from seatwright.kit.web import caller, client as connection
from seatwright.kit.web.app import offered

DEVICE_CHARS_MAX = 200
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class PersonRequired(Forbidden):
    """A token asked for something that only a person has."""

    code = "person_required"
    title = "Only for people"


class OrganisationNotFound(NotFound):
    """There is no such organisation, or it is not yours."""

    code = "organisation_not_found"
    title = "No such organisation"


def visitor(request: Request[Any, Any, Any], principal: Principal | None = None) -> Visitor:
    """Who asks, as use cases want to know it."""
    program = request.headers.get("user-agent", "")
    device = "".join(char for char in program if char.isprintable())[:DEVICE_CHARS_MAX]
    actor = "guest" if principal is None else principal.id
    return Visitor(actor=actor, ip=connection.address(request), device=device)


async def principal(request: Request[Any, Any, Any]) -> Principal:
    """Whoever asks; raises `Unauthenticated` for a guest."""
    credentials = caller.credentials(request)
    recogniser = offered(request, Desk).recogniser
    found = await identify(recogniser, session=credentials.session, bearer=credentials.bearer)
    if found is None:
        raise Unauthenticated("Log in first.")
    return found


async def person(request: Request[Any, Any, Any]) -> tuple[Principal, str]:
    """A person, and the secret of their session; raises `PersonRequired` for a token."""
    found = await principal(request)
    session = caller.credentials(request).session
    if found.person is None or session is None:
        raise PersonRequired("A token has no account. Log in as a person.")
    return found, session


async def member(
    request: Request[Any, Any, Any], org: str, scope: str
) -> tuple[Principal, OrganisationId]:
    """Whoever holds the scope in the organisation; to all others it does not exist."""
    found = await principal(request)
    organisation = OrganisationId(org)
    if not found.may(scope, organisation):
        raise OrganisationNotFound("There is no such organisation, or it is not yours.")
    return found, organisation


def cookie(request: Request[Any, Any, Any], secret: str, lasts_s: int) -> Cookie:
    """
    The session cookie of this browser.

    `__Host-` and `Secure`, but for plain HTTP to the own machine, where browsers refuse both.
    """
    plain = connection.scheme(request) == "http" and _host(request) in _LOCAL_NAMES
    return Cookie(
        key=caller.SESSION_COOKIE_PLAIN if plain else caller.SESSION_COOKIE,
        value=secret,
        path="/",
        max_age=lasts_s,
        secure=not plain,
        httponly=True,
        samesite="lax",
    )


def no_cookie(request: Request[Any, Any, Any]) -> Cookie:
    """Takes the session cookie away."""
    return cookie(request, "", 0)


def _host(request: Request[Any, Any, Any]) -> str:
    try:
        name = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        return ""
    return "localhost" if name.endswith(".localhost") else name
