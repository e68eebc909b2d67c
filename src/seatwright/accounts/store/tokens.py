"""API tokens."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from seatwright.accounts.domain import lifetimes
from seatwright.accounts.domain.bearer import TokenId
from seatwright.accounts.domain.people import Token
from seatwright.accounts.store import QUERIES
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit.postgres import Reader, Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token as it is first written."""

    id: TokenId
    organisation: OrganisationId
    name: str
    scopes: frozenset[str]
    secret_hash: bytes
    request_hash: bytes = b""
    made_by: str = ""
    parent: TokenId | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """A token that may be used now, with what proves it."""

    id: TokenId
    organisation: OrganisationId
    name: str
    scopes: frozenset[str]
    secret_hash: bytes


async def add(writer: Writer, token: NewToken) -> bool:
    """Write it; False when the id is there already."""
    row = await writer.row(
        QUERIES["add_token"],
        token.id,
        token.organisation,
        token.name,
        sorted(token.scopes),
        token.secret_hash,
        token.request_hash,
        token.made_by,
        token.parent,
        token.expires_at,
    )
    return row is not None


async def put_demo(writer: Writer, token: NewToken) -> None:
    """Write it, or set it back to what it was."""
    await writer.run(
        QUERIES["put_demo_token"],
        token.id,
        token.organisation,
        token.name,
        sorted(token.scopes),
        token.secret_hash,
    )


async def working(reader: Reader, token: TokenId) -> Working | None:
    """The token, when it is neither revoked nor expired."""
    row = await reader.row(QUERIES["token_by_id"], token)
    if row is None:
        return None
    return Working(
        id=TokenId(row["id"]),
        organisation=OrganisationId(row["organisation"]),
        name=row["name"],
        scopes=frozenset(row["scopes"]),
        secret_hash=bytes(row["secret_hash"]),
    )


def _token(row: Any, organisation: OrganisationId) -> Token:
    return Token(
        id=TokenId(row["id"]),
        organisation=organisation,
        name=row["name"],
        scopes=frozenset(row["scopes"]),
        made_at=row["made_at"],
        expires_at=row["expires_at"],
        last_used_at=row["last_used_at"],
    )


async def made(reader: Reader, token: TokenId) -> tuple[Token, bytes]:
    """A token that is there, and the hash of the request that made it."""
    row = await reader.row(QUERIES["token_made"], token)
    assert row is not None, "tokens are never deleted"
    return _token(row, OrganisationId(row["organisation"])), bytes(row["request_hash"])


async def page(reader: Reader, organisation: OrganisationId, after: str, limit: int) -> list[Token]:
    """Up to `limit` of an organisation behind the id `after`."""
    rows = await reader.rows(QUERIES["tokens_of"], organisation, after, limit)
    return [_token(row, organisation) for row in rows]


async def count(reader: Reader, organisation: OrganisationId) -> int:
    """How many an organisation has that are not revoked."""
    found: int = await reader.value(QUERIES["count_tokens"], organisation)
    return found


async def revoke(
    writer: Writer, organisation: OrganisationId, token: TokenId, *, by: str
) -> list[TokenId]:
    """Revoke it and what was made with it; all that fell, none when it was not there."""
    rows = await writer.rows(QUERIES["revoke_token"], organisation, token, by)
    return [TokenId(row["id"]) for row in rows]


async def mark_used(writer: Writer, tokens: Collection[TokenId]) -> None:
    """Write that these were used just now."""
    await writer.run(QUERIES["mark_used"], list(tokens), lifetimes.SEEN_WRITTEN_EVERY)
