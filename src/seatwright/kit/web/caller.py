"""Who is asking: credentials as they arrive, before anybody has judged them."""

from dataclasses import dataclass
from typing import Any

from litestar import Request

from seatwright.kit import limits
from seatwright.kit.errors import Forbidden, invalid

SESSION_COOKIE = "__Host-session"
# Plain HTTP on a developer's own machine cannot carry a `__Host-` cookie in every browser.
SESSION_COOKIE_PLAIN = "session"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the request carries; any of it may be wrong."""

    session: str | None
    bearer: str | None
    order_secret: str | None
    ticket_secret: str | None


class CrossSite(Forbidden):
    """A page of somebody else's tried to act in a logged-in person's name."""

    code = "cross_site"
    title = "Request from another site"


def credentials(request: Request[Any, Any, Any]) -> Credentials:
    """
    The credentials of a request.

    Raises `CrossSite` when a browser says that another site caused a changing request which
    carries a session cookie: only cookies travel without the page's knowledge.
    """
    headers = request.headers
    cookies = request.cookies
    session = cookies.get(SESSION_COOKIE)
    if session is None and headers.get("x-forwarded-proto") != "https":
        # A neighbouring host could plant this one, so it counts only where TLS is not.
        session = cookies.get(SESSION_COOKIE_PLAIN)
    if session and request.method not in _SAFE:
        _refuse_cross_site(request)
    authorization = headers.get("authorization", "")
    bearer = authorization[7:].strip() if authorization[:7].lower() == "bearer " else None
    return Credentials(
        session=session or None,
        bearer=bearer or None,
        order_secret=headers.get("x-order-secret") or None,
        ticket_secret=headers.get("x-ticket-secret") or None,
    )


def _refuse_cross_site(request: Request[Any, Any, Any]) -> None:
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise CrossSite("This request was caused by another site.")
        return
    origin = request.headers.get("origin")
    # Compared as text: what a URL parser takes for a host may differ from what a browser meant.
    if origin is not None and origin.partition("://")[2] != request.headers.get("host", ""):
        raise CrossSite("This request was caused by another site.")


def idempotency_key(request: Request[Any, Any, Any], *, required: bool) -> str | None:
    """The `Idempotency-Key` header: 1 to 255 visible ASCII characters, given once."""
    given = [v for k, v in request.scope["headers"] if k == b"idempotency-key"]
    if not given:
        if required:
            raise invalid("Idempotency-Key", "required", "Send an Idempotency-Key header.")
        return None
    text = given[0].decode("latin-1")
    bad = len(given) > 1 or not 1 <= len(text) <= limits.IDEMPOTENCY_KEY_CHARS_MAX
    if bad or not text.isascii() or not text.isprintable() or text != text.strip():
        raise invalid("Idempotency-Key", "invalid", "One header of 1 to 255 visible characters.")
    return text
