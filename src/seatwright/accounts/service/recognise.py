"""
Who is behind a secret: the contract's answer, from PostgreSQL with a memory of seconds.

What a process remembers it forgets within `RECOGNISED_FOR`, so a revocation made in any process
is felt in every other within 5 s, and at once in the one that made it.
"""

import hmac
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from seatwright.accounts.domain import bearer, lifetimes
from seatwright.accounts.domain.bearer import SessionId, TokenId
from seatwright.accounts.domain.roles import SCOPES_OF
from seatwright.accounts.store import sessions, tokens
from seatwright.contracts.accounts import PersonId, Principal
from seatwright.kit import clock
from seatwright.kit.postgres import Database

# Some 2 KB each; beyond it the one asked for longest ago is looked up again.
REMEMBERED_MAX = 20_000
FLUSH_EVERY = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class _Known:
    principal: Principal
    session: SessionId | None
    token: TokenId | None
    asked_at: float


class Recogniser:
    """
    `contracts.accounts.Accounts`, answered here.

    Degraded answer without PostgreSQL: `Unavailable`. A stale yes could be a revoked one.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._seen: set[SessionId] = set()
        self._used: set[TokenId] = set()

    async def by_session(self, *, session: str) -> Principal | None:
        """The person logged in with this session secret; None when it is not valid."""
        key = bearer.digest(session)
        known = self._remembered(key) or await self._session(key)
        if known is None:
            return None
        if known.session is not None:
            self._seen.add(known.session)
        return known.principal

    async def by_token(self, *, token: str) -> Principal | None:
        """Whoever holds this `sw_…` token; None when it is unknown, expired or revoked."""
        read = bearer.read_token(token)
        if read is None:
            return None
        key = bearer.digest(token)
        known = self._remembered(key) or await self._token(key, *read)
        if known is None:
            return None
        if known.token is not None:
            self._used.add(known.token)
        return known.principal

    def forget_person(self, person: PersonId) -> None:
        """Ask again about everything of a person."""
        self._forget(lambda known: known.principal.person == person)

    def forget_session(self, session: SessionId) -> None:
        """Ask again about a session."""
        self._forget(lambda known: known.session == session)

    def forget_token(self, token: TokenId) -> None:
        """Ask again about a token."""
        self._forget(lambda known: known.token == token)

    async def flush(self) -> timedelta | None:
        """Write when sessions and tokens were last used, many at once; how long to rest."""
        seen, self._seen = self._seen, set()
        used, self._used = self._used, set()
        # A batch lost with the process makes "last used" a few seconds older, and nothing worse.
        if seen or used:
            async with self._database.transaction() as writer:
                await sessions.mark_seen(writer, seen)
                await tokens.mark_used(writer, used)
        return FLUSH_EVERY

    def _remembered(self, key: bytes) -> _Known | None:
        known = self._known.get(key)
        if known is None:
            return None
        if clock.monotonic() - known.asked_at > lifetimes.RECOGNISED_FOR.total_seconds():
            del self._known[key]
            return None
        self._known.move_to_end(key)
        return known

    def _remember(self, key: bytes, known: _Known) -> _Known:
        self._known[key] = known
        if len(self._known) > REMEMBERED_MAX:
            self._known.popitem(last=False)
        return known

    def _forget(self, concerns: Callable[[_Known], bool]) -> None:
        for key in [key for key, known in self._known.items() if concerns(known)]:
            del self._known[key]

    async def _session(self, key: bytes) -> _Known | None:
        # Counted from before the question: the answer may be as old as that.
        asked_at = clock.monotonic()
        async with self._database.reading() as reader:
            found = await sessions.find(reader, key)
        if found is None:
            return None
        principal = Principal(
            id=f"person:{found.person}",
            person=found.person,
            name=found.name,
            email=found.email,
            organisations={organisation: SCOPES_OF[role] for organisation, role in found.roles},
        )
        return self._remember(key, _Known(principal, found.session, None, asked_at))

    async def _token(self, key: bytes, token: TokenId, secret: str) -> _Known | None:
        asked_at = clock.monotonic()
        async with self._database.reading() as reader:
            found = await tokens.working(reader, token)
        if found is None or not hmac.compare_digest(found.secret_hash, bearer.digest(secret)):
            return None
        principal = Principal(
            id=f"token:{found.id}",
            person=None,
            name=found.name,
            email=None,
            organisations={found.organisation: found.scopes},
        )
        return self._remember(key, _Known(principal, None, found.id, asked_at))
