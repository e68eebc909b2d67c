"""API tokens: made, listed, revoked."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from seatwright.accounts.domain import bearer
from seatwright.accounts.domain.bearer import TokenId
from seatwright.accounts.domain.people import Token
from seatwright.accounts.domain.roles import for_tokens, within
from seatwright.accounts.service.desk import Desk, Visitor
from seatwright.accounts.service.members import BeyondYours
from seatwright.accounts.store import records, tokens
from seatwright.accounts.store.tokens import NewToken
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit import ids, signing
from seatwright.kit.errors import Conflict, Invalid, NotFound

TOKENS_PER_ORGANISATION_MAX = 200
_ID_CHARS = 26


class TokenNotFound(NotFound):
    """The organisation has no such token."""

    code = "token_not_found"
    title = "No such token"


class TooManyTokens(Conflict):
    """The organisation has as many tokens as are kept."""

    code = "too_many_tokens"
    title = "Too many tokens"


class IdempotencyMismatch(Invalid):
    """The key was used for another request."""

    code = "idempotency_mismatch"
    title = "Key used for another request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A token as somebody wants it."""

    name: str
    scopes: frozenset[str]
    expires_at: datetime | None


async def make(
    desk: Desk,
    visitor: Visitor,
    organisation: OrganisationId,
    wish: Wish,
    *,
    held: frozenset[str],
    idempotency_key: str | None,
) -> tuple[Token, str]:
    """
    A new token and its text, which nobody can ask for again.

    With an idempotency key the same request gets the same token. Raises `BeyondYours`,
    `TooManyTokens`, `IdempotencyMismatch`.
    """
    parent = _parent(visitor)
    if not within(wish.scopes, for_tokens(held, by_token=parent is not None)):
        raise BeyondYours("A token holds at most your own scopes, and never members:write.")
    token, secret = _identity(desk, visitor, organisation, idempotency_key)
    wanted = NewToken(
        id=token,
        organisation=organisation,
        name=wish.name,
        scopes=wish.scopes,
        secret_hash=bearer.digest(secret),
        request_hash=_fingerprint(wish),
        made_by=visitor.actor,
        parent=parent,
        expires_at=wish.expires_at,
    )
    async with desk.database.transaction() as writer:
        if await tokens.add(writer, wanted):
            if await tokens.count(writer, organisation) > TOKENS_PER_ORGANISATION_MAX:
                raise TooManyTokens("Revoke tokens that nobody uses first.")
            await records.record(
                writer,
                actor=visitor.actor,
                action="token_made",
                organisation=organisation,
                subject=token,
                ip_hash=desk.ip_hash(visitor.ip),
            )
        made, request_hash = await tokens.made(writer, token)
    if request_hash != wanted.request_hash:
        raise IdempotencyMismatch(detail="This key made another token. Use a new one.")
    return made, bearer.token_text(token, secret)


def _identity(
    desk: Desk, visitor: Visitor, organisation: OrganisationId, idempotency_key: str | None
) -> tuple[TokenId, str]:
    if idempotency_key is None:
        return TokenId(ids.sortable_id()), ids.secret()
    # Derived, so that the first answer can be given again although the secret is not stored.
    about = signing.digest_hex(visitor.actor, organisation, idempotency_key)
    token = TokenId(about[:_ID_CHARS])
    return token, desk.keys.mac("api-token/1", about)


def _fingerprint(wish: Wish) -> bytes:
    expires = None if wish.expires_at is None else wish.expires_at.isoformat()
    about = signing.digest_hex(wish.name, sorted(wish.scopes), expires)
    return hashlib.sha256(about.encode()).digest()


def _parent(visitor: Visitor) -> TokenId | None:
    kind, _, token = visitor.actor.partition(":")
    return TokenId(token) if kind == "token" else None


async def listed(
    desk: Desk, organisation: OrganisationId, *, after: str, limit: int
) -> list[Token]:
    """Up to `limit` tokens behind the id `after`, without their secrets."""
    async with desk.database.reading() as reader:
        return await tokens.page(reader, organisation, after, limit)


async def revoke(
    desk: Desk, visitor: Visitor, organisation: OrganisationId, token: TokenId
) -> None:
    """Revoke a token and what was made with it; raises `TokenNotFound`."""
    async with desk.database.transaction() as writer:
        fallen = await tokens.revoke(writer, organisation, token, by=visitor.actor)
        if not fallen:
            raise TokenNotFound("There is no token of this id.")
        for each in fallen:
            await records.record(
                writer,
                actor=visitor.actor,
                action="token_revoked",
                organisation=organisation,
                subject=each,
                ip_hash=desk.ip_hash(visitor.ip),
            )
    for each in fallen:
        desk.recogniser.forget_token(each)
