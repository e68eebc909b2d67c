"""Who may scan, and for which events."""

from collections import OrderedDict

from seatwright.contracts.accounts import Accounts, Principal, ScopeMissing, identify
from seatwright.contracts.catalog import Catalog, EventForSale, EventId, EventNotFound
from seatwright.kit import errors, telemetry
from seatwright.kit.web.caller import Credentials

SCAN = "entry:scan"
READ = "entry:read"
# As many as one process will ever see on one evening.
_REMEMBERED_MAX = 2000


class NotAScanner(ScopeMissing):
    """Known, but holds the right to scan nowhere."""


class Access:
    """Judges principals; remembers events, so that a gate does not stop with the catalogue."""

    def __init__(self, accounts: Accounts, catalog: Catalog) -> None:
        self._accounts = accounts
        self._catalog = catalog
        self._remembered: OrderedDict[EventId, EventForSale] = OrderedDict()

    async def scanner(self, credentials: Credentials) -> Principal:
        """Whoever asks, when they may scan somewhere; raises `Unauthenticated`, `NotAScanner`."""
        principal = await identify(
            self._accounts, session=credentials.session, bearer=credentials.bearer
        )
        if principal is None:
            raise errors.Unauthenticated("Scanning needs a scanner's token.")
        if not any(SCAN in scopes for scopes in principal.organisations.values()):
            raise NotAScanner("This token may not scan tickets.")
        return principal

    async def event_to_read(self, credentials: Credentials, event: EventId) -> EventForSale:
        """The event, for somebody of its organisation; raises `EventNotFound` for all others."""
        found, _ = await self.event_to_equip_for(credentials, event)
        return found

    async def event_to_equip_for(
        self, credentials: Credentials, event: EventId
    ) -> tuple[EventForSale, bool]:
        """
        The event, and whether its secrets too are for whoever asks: they scan for it.

        Raises `EventNotFound` for whoever is not of its organisation.
        """
        principal = await identify(
            self._accounts, session=credentials.session, bearer=credentials.bearer
        )
        if principal is None:
            raise errors.Unauthenticated("This needs a token of the organisation.")
        found = await self.event(event)
        organisation = found.organisation
        scans = principal.may(SCAN, organisation)
        if not (scans or principal.may(READ, organisation)):
            raise EventNotFound("There is no such event.")
        return found, scans

    async def event_to_scan(self, principal: Principal, event: EventId) -> EventForSale:
        """The event, when this principal scans for it; raises `EventNotFound` otherwise."""
        found = await self.event(event)
        if not principal.may(SCAN, found.organisation):
            raise EventNotFound("There is no such event.")
        return found

    async def event(self, event: EventId) -> EventForSale:
        """
        The event's document; raises `EventNotFound`.

        Degraded answer while the catalogue is away: the document seen last in this process.
        What entry needs of it (whose event, when it ends) does not change on the evening.
        """
        try:
            found = await self._catalog.event(event=event)
        except errors.Unavailable:
            remembered = self._remembered.get(event)
            if remembered is None:
                raise
            telemetry.DEGRADED.labels("catalog_at_entry").inc()
            return remembered
        self._remembered[event] = found
        self._remembered.move_to_end(event)
        if len(self._remembered) > _REMEMBERED_MAX:
            self._remembered.popitem(last=False)
        return found
