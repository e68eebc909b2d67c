"""Who may act for an organisation, and on which version of what."""

import re
from dataclasses import dataclass
from typing import Any

from litestar import Request

from seatwright.catalog.service.catalogue import NotHere
from seatwright.catalog.service.once import RequestKey
from seatwright.contracts.accounts import Accounts, Principal, identify
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit import signing
from seatwright.kit.errors import Stale, Unauthenticated, invalid
from seatwright.kit.web import caller
from seatwright.kit.web.app import offered

READ = "catalog:read"
WRITE = "catalog:write"
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
# The gateway writes into an ETag how it compressed the answer, and takes it out again only of
# If-None-Match.
_TAG = re.compile(r'"([0-9]{1,18})(?:-(?:zstd|gzip|br))?"')


@dataclass(frozen=True, slots=True)
class Desk:
    """What organisers' routes need beside the catalogue itself."""

    accounts: Accounts
    keys: signing.Keyring


def known_id(text: str) -> str:
    """The text itself if it can be an id; raises `NotHere` before any engine sees another."""
    if not _ID.fullmatch(text):
        raise NotHere("There is no such thing.")
    return text


async def organiser(request: Request[Any, Any, Any], organisation: str, scope: str) -> Principal:
    """
    Whoever asks, if they hold `scope` there; who may write may read.

    Raises `Unauthenticated` for nobody, and `NotHere` for somebody without the scope: another's
    organisation does not exist.
    """
    credentials = caller.credentials(request)
    principal = await identify(
        offered(request, Desk).accounts,
        session=credentials.session,
        bearer=credentials.bearer,
    )
    if principal is None:
        raise Unauthenticated("Log in, or send a token of the organisation.")
    here = OrganisationId(organisation)
    scopes = {scope, WRITE} if scope == READ else {scope}
    if not any(principal.may(held, here) for held in scopes):
        raise NotHere("There is no such organisation.")
    return principal


async def request_key(request: Request[Any, Any, Any], principal: Principal) -> RequestKey | None:
    """The request's idempotency key with what it is a key to; None without one."""
    key = caller.idempotency_key(request, required=False)
    if key is None:
        return None
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return RequestKey(principal.id, key, signing.fingerprint(asked + await request.body()))


def expected_version(request: Request[Any, Any, Any], *, required: bool) -> int | None:
    """
    The version in `If-Match`; None for `*`, or without the header where it is not required.

    Raises `Invalid` when it is missing, `Stale` when it is nothing we ever gave out.
    """
    given = request.headers.get("if-match")
    if given is None:
        if required:
            raise invalid("If-Match", "required", "Send the ETag of what was edited.")
        return None
    if given.strip() == "*":
        return None
    tag = _TAG.fullmatch(given.strip())
    if tag is None:
        raise Stale("If-Match is not an ETag of this.")
    return int(tag[1])


def version_tag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'
