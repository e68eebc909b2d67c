"""An organisation's webhook endpoints, as those who may see to them."""

import dataclasses
from dataclasses import dataclass

from seatwright.contracts.accounts import Accounts, Principal, identify
from seatwright.contracts.catalog import OrganisationId
from seatwright.delivery.domain import webhooks
from seatwright.delivery.store import webhooks as store
from seatwright.delivery.store.webhooks import Endpoint, Logged
from seatwright.kit import errors, signing
from seatwright.kit.postgres import Database
from seatwright.kit.web.caller import Credentials

SCOPE = "delivery:write"


class IdempotencyMismatch(errors.Invalid):
    """The key was used before, for another request."""

    code = "idempotency_mismatch"
    title = "Key used for another request"


class EndpointNotFound(errors.NotFound):
    """The organisation has no such endpoint (any more)."""

    code = "endpoint_not_found"
    title = "No such endpoint"


class DeliveryNotFound(errors.NotFound):
    """The endpoint was never sent this."""

    code = "delivery_not_found"
    title = "No such delivery"


class TooManyEndpoints(errors.Conflict):
    """An organisation needs only so many receivers; one can hand on."""

    code = "too_many_endpoints"
    title = "Enough endpoints"


class WrongGeneration(errors.Conflict):
    """The secret that was to be replaced is not the newest."""

    code = "wrong_generation"
    title = "Not the newest secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An endpoint to be: where, for what, and who hears when it is switched off."""

    url: str
    kinds: tuple[str, ...]
    contact: str
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Everything that seeing to endpoints needs."""

    database: Database
    accounts: Accounts
    keys: signing.Keyring
    private: bool

    async def keeper(self, credentials: Credentials, organisation: str) -> Principal:
        """Whoever asks, if they see to deliveries there; raises `Unauthenticated`, `NotFound`."""
        principal = await identify(
            self.accounts, session=credentials.session, bearer=credentials.bearer
        )
        if principal is None:
            raise errors.Unauthenticated("Log in, or send a token of the organisation.")
        if not principal.may(SCOPE, OrganisationId(organisation)):
            raise errors.NotFound("There is no such organisation.")
        return principal

    async def add(
        self, organisation: str, wish: Wish, *, principal: str, key: str, fingerprint: bytes
    ) -> Endpoint:
        """
        A new endpoint, or the one that the same request made before.

        Raises `Invalid`, `IdempotencyMismatch`, `TooManyEndpoints`.
        """
        self._refuse(wish.url)
        name = f"we_{signing.digest_hex(principal, organisation, key)[:24]}"
        new = Endpoint(
            id=name,
            organisation=organisation,
            url=wish.url,
            kinds=wish.kinds,
            contact=wish.contact,
            language=wish.language,
            fingerprint=fingerprint,
            generation=1,
            rotated_at=None,
            # The row's own.
            created_at=None,  # type: ignore[arg-type]
            failing_since=None,
            disabled_at=None,
        )
        await store.add(self.database, new, at_most=webhooks.ENDPOINTS_MAX)
        found = await store.endpoint(self.database, name, organisation)
        if found is None:
            most = webhooks.ENDPOINTS_MAX
            raise TooManyEndpoints(f"An organisation has at most {most} endpoints at a time.")
        if found.fingerprint != fingerprint:
            raise IdempotencyMismatch(detail="This Idempotency-Key was used for another request.")
        return found

    async def listed(self, organisation: str) -> list[Endpoint]:
        """All endpoints, newest first."""
        return await store.endpoints(self.database, organisation)

    async def read(self, organisation: str, endpoint: str) -> Endpoint:
        """One of them; raises `EndpointNotFound`."""
        found = await store.endpoint(self.database, endpoint, organisation)
        if found is None:
            raise EndpointNotFound("There is no such endpoint.")
        return found

    async def edit(
        self,
        organisation: str,
        endpoint: str,
        *,
        url: str | None,
        kinds: tuple[str, ...] | None,
        contact: str | None,
        enabled: bool | None,
    ) -> Endpoint:
        """Change what is given; raises `Invalid`, `EndpointNotFound`."""
        if url is not None:
            self._refuse(url)
        before = await self.read(organisation, endpoint)
        wanted = dataclasses.replace(
            before,
            url=url or before.url,
            kinds=kinds or before.kinds,
            contact=contact or before.contact,
        )
        on = before.disabled_at is None if enabled is None else enabled
        if not await store.edit(self.database, wanted, enabled=on):
            raise EndpointNotFound("There is no such endpoint.")
        return await self.read(organisation, endpoint)

    async def remove(self, organisation: str, endpoint: str) -> None:
        """Remove it; raises `EndpointNotFound`."""
        if not await store.remove(self.database, endpoint, organisation):
            raise EndpointNotFound("There is no such endpoint.")

    async def rotate(self, organisation: str, endpoint: str, *, after: int) -> Endpoint:
        """
        The endpoint with the secret that follows generation `after`; asked again, the same.

        Raises `EndpointNotFound`, and `WrongGeneration` when another follows already.
        """
        before = await self.read(organisation, endpoint)
        if before.generation == after:
            await store.rotate(self.database, endpoint, organisation, after=after)
            before = await self.read(organisation, endpoint)
        if before.generation != after + 1:
            raise WrongGeneration(
                "Name the generation that is to be replaced.", generation=before.generation
            )
        return before

    async def log(
        self, organisation: str, endpoint: str, *, after: str | None, at_most: int
    ) -> list[Logged]:
        """What it was sent, newest first; raises `EndpointNotFound`."""
        await self.read(organisation, endpoint)
        return await store.log(self.database, endpoint, after=after, at_most=at_most)

    async def replay(self, organisation: str, endpoint: str, delivery: str) -> None:
        """Send it again; raises `EndpointNotFound`, `DeliveryNotFound`."""
        await self.read(organisation, endpoint)
        if not await store.replay(self.database, endpoint, delivery):
            raise DeliveryNotFound("There is no such delivery.")

    def secret(self, endpoint: Endpoint) -> str:
        """The endpoint's newest secret."""
        return webhooks.secret(self.keys, endpoint.id, endpoint.generation)

    def _refuse(self, url: str) -> None:
        if wrong := webhooks.url_problem(url, private=self.private):
            raise errors.invalid("/url", "bad_address", f"This must be {wrong}.")
