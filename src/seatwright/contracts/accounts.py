"""What the rest of the platform may ask of accounts: who is this, and what may they do."""

from typing import NewType, Protocol

import msgspec

from seatwright.contracts.catalog import OrganisationId
from seatwright.kit.errors import Forbidden, Unauthenticated

PersonId = NewType("PersonId", str)
# What a token needs to hold seats, order and pay; people and guests do so for themselves.
BUYING_SCOPE = "orders:write"


class ScopeMissing(Forbidden):
    """A token asked for what its scopes do not cover."""

    code = "scope_missing"
    title = "Beyond this token"


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """
    Who acts.

    A person by session, or an organisation's token. `organisations` maps each organisation
    to the scopes held there (`events:write`, `orders:read`, `entry:scan`, …); `person` is
    None for a token. `id` names the principal for idempotency keys and audit.
    """

    id: str
    person: PersonId | None
    name: str
    email: str | None
    organisations: dict[OrganisationId, frozenset[str]] = {}

    def may(self, scope: str, organisation: OrganisationId) -> bool:
        """Whether the scope is held in that organisation."""
        return scope in self.organisations.get(organisation, frozenset())


class Accounts(Protocol):
    """The accounts service, near or far."""

    async def by_session(self, *, session: str) -> Principal | None:
        """The person logged in with this session secret; None when it is not valid."""
        ...

    async def by_token(self, *, token: str) -> Principal | None:
        """Whoever holds this `sw_…` token; None when it is unknown, expired or revoked."""
        ...


async def identify(
    accounts: Accounts, *, session: str | None, bearer: str | None
) -> Principal | None:
    """
    The principal behind a request's credentials; None for a guest.

    A token wins over a cookie. Raises `Unauthenticated` for a token that is not valid: whoever
    sends one means to be somebody.
    """
    if bearer is not None:
        principal = await accounts.by_token(token=bearer)
        if principal is None:
            raise Unauthenticated("This token is not valid (any more).")
        return principal
    return await accounts.by_session(session=session) if session is not None else None


async def identify_buyer(
    accounts: Accounts, *, session: str | None, bearer: str | None
) -> Principal | None:
    """
    The principal behind a request that holds, orders or pays; None for a guest.

    An organisation's token needs `orders:write` for it. Raises `Unauthenticated` as `identify`
    does, and `ScopeMissing`.
    """
    principal = await identify(accounts, session=session, bearer=bearer)
    if principal is None or principal.person is not None:
        return principal
    if not any(BUYING_SCOPE in scopes for scopes in principal.organisations.values()):
        raise ScopeMissing(f"Holding seats and ordering takes a token with {BUYING_SCOPE}.")
    return principal
