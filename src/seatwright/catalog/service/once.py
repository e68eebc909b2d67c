"""Making something once, however often the request for it arrives."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from seatwright.catalog import store
from seatwright.kit.errors import Invalid
from seatwright.kit.postgres import Database, Writer


class IdempotencyMismatch(Invalid):
    """The key was used before, for another request."""

    code = "idempotency_mismatch"
    title = "Key used for another request"


@dataclass(frozen=True, slots=True)
class RequestKey:
    """An `Idempotency-Key`, whose it is, and the SHA-256 of what was asked with it."""

    principal: str
    key: str
    fingerprint: bytes


async def make_once(
    database: Database,
    request: RequestKey | None,
    made: str,
    make: Callable[[Writer], Awaitable[None]],
) -> str:
    """
    Run `make` in a transaction and answer `made`, or what the same request made before.

    Raises `IdempotencyMismatch` when the key belongs to another request; without a key every
    request is a new one.
    """
    async with database.transaction() as writer:
        if request is not None and (before := await _before(writer, request, made)):
            return before
        await make(writer)
    return made


async def _before(writer: Writer, request: RequestKey, made: str) -> str | None:
    names = {"principal": request.principal, "key": request.key}
    if await store.remember_key(writer, **names, fingerprint=request.fingerprint, made=made):
        return None
    remembered = await store.remembered_key(writer, **names)
    assert remembered is not None, "a key that cannot be taken is there"
    fingerprint, before = remembered
    if fingerprint != request.fingerprint:
        raise IdempotencyMismatch(detail="This Idempotency-Key was used for another request.")
    return before
