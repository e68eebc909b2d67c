"""
Scan one ticket: let it in, or say why not.

When orders do not answer, the ticket is admitted on its signature and our own rows alone, marked
`offline` and counted. A crowd before a closed gate is a danger to people; a ticket returned since
it was printed is a seat's price, still cannot enter twice, and is found afterwards: orders are
told of every admission, and the row says that it was not checked.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from seatwright.contracts import moving_codes, ticket_codes
from seatwright.contracts.accounts import Principal
from seatwright.contracts.catalog import EventForSale, EventId, EventNotFound
from seatwright.contracts.orders import IssuedTicket, Orders, TicketNotFound
from seatwright.contracts.ticket_codes import BadTicketCode, TicketCode
from seatwright.entry import domain, store
from seatwright.entry.domain import Reason, Scan, Shown, Verdict
from seatwright.entry.service.access import Access
from seatwright.kit import crash, errors, telemetry
from seatwright.kit.log import log
from seatwright.kit.postgres import Database
from seatwright.kit.signing import Keyring

# A person stands at the gate: half a second is the promise, this is where patience ends.
TICKET_DEADLINE = timedelta(milliseconds=900)
_admitted = crash.declare("after_admission", "somebody is inside, the gate has no answer yet")
SCANS = telemetry.counter("scans_total", "Scans by what came of them", "result", "checked")


class ScanMismatch(errors.Invalid):
    """The device used the id of another scan for this code."""

    code = "scan_mismatch"
    title = "That scan was another code"


@dataclass(frozen=True, slots=True)
class _Judged:
    """A code of ours with the ticket behind it; `ticket` None when orders did not answer."""

    code: TicketCode
    ticket: IssuedTicket | None


class Gate:
    """Everything that scanning needs."""

    def __init__(self, database: Database, keys: Keyring, orders: Orders, access: Access) -> None:
        self._database = database
        self._keys = keys
        self._orders = orders
        self._access = access

    async def check_in(self, scan: Scan, principal: Principal) -> Verdict:
        """
        The verdict on a scan, and its row.

        Sent again with the same scan id it is the same verdict. Raises `ScanMismatch`, and
        `EventNotFound` when the gate names an event it does not scan for.
        """
        if earlier := await self._earlier(scan):
            return earlier
        if scan.event is not None:
            await self._access.event_to_scan(principal, scan.event)
        judged = await self._judged(scan, principal)
        if isinstance(judged, Verdict):
            return await self._refused(scan, judged)
        return await self._decided(scan, judged)

    async def _earlier(self, scan: Scan) -> Verdict | None:
        earlier = await store.answered(self._database, scan)
        if earlier is None:
            return None
        if earlier.code_hash != store.code_hash(scan.code):
            raise ScanMismatch(detail="This scan_id was used for another code.")
        return earlier.verdict

    async def _judged(self, scan: Scan, principal: Principal) -> _Judged | Verdict:
        shown = self._verified(scan.code)
        if shown is None:
            return Verdict(result="refused", reason="bad_code")
        code = shown.content
        event = await self._scanned_for(principal, code.event)
        if event is None:
            # A good ticket of somebody else's event: nothing about it is told here.
            return Verdict(result="refused", reason="wrong_event")
        reason = domain.judge_code(shown, scan, moves=event.moving_codes)
        if reason is not None:
            return _refusal(code, reason)
        try:
            ticket = await self._ticket(code)
        except TicketNotFound:
            return _refusal(code, "unknown_ticket")
        return _Judged(code, ticket)

    def _verified(self, text: str) -> Shown | None:
        try:
            if text.startswith(moving_codes.PREFIX):
                return Shown(*moving_codes.verify(self._keys, text))
            content, _, _ = ticket_codes.read(text)
            if content.key_id not in ticket_codes.KEY_IDS:
                return None
            purpose = ticket_codes.purpose(content.event, content.key_id)
            key = self._keys.ed25519(purpose).public_key()
            return Shown(ticket_codes.verify(key, text), None)
        except BadTicketCode:
            return None

    async def _scanned_for(self, principal: Principal, event: EventId) -> EventForSale | None:
        try:
            return await self._access.event_to_scan(principal, event)
        except EventNotFound:
            return None

    async def _ticket(self, code: TicketCode) -> IssuedTicket | None:
        asked = self._orders.ticket(event=code.event, ticket=code.ticket)
        try:
            return await asyncio.wait_for(asked, TICKET_DEADLINE.total_seconds())
        except (errors.Unavailable, TimeoutError) as fault:
            # The degraded answer at the top of this file.
            telemetry.DEGRADED.labels("orders_at_entry").inc()
            log.warning("scan_without_orders", ticket=code.ticket, fault=repr(fault))
            return None

    async def _decided(self, scan: Scan, judged: _Judged) -> Verdict:
        code, ticket = judged.code, judged.ticket
        reason = domain.judge_ticket(code, ticket) if ticket is not None else None
        if reason is not None and reason != "already_used":
            return await self._refused(scan, _refusal(code, reason, ticket))
        welcome = Verdict(
            result="admitted",
            event=code.event,
            ticket=code.ticket,
            seat=domain.seat_shown(ticket) if ticket else None,
            attendee=ticket.attendee if ticket else None,
            admitted_at=scan.at,
            checked="offline" if ticket is None or scan.uploaded else "online",
        )
        if reason is None and await store.admit(self._database, scan, welcome):
            _admitted()
            SCANS.labels("admitted", welcome.checked).inc()
            return welcome
        return await self._second(scan, _refusal(code, "already_used", ticket))

    async def _second(self, scan: Scan, verdict: Verdict) -> Verdict:
        # The same scan sent twice at once: the other of the two was faster and let it in.
        if earlier := await self._earlier(scan):
            return earlier
        assert verdict.event is not None
        assert verdict.ticket is not None
        first = await store.first_admission(self._database, verdict.event, verdict.ticket)
        known = Verdict(
            result="refused",
            reason="already_used",
            event=verdict.event,
            ticket=verdict.ticket,
            seat=verdict.seat,
            attendee=verdict.attendee,
            admitted_at=first.at if first else None,
            checked=verdict.checked,
        )
        return await self._refused(scan, known)

    async def _refused(self, scan: Scan, verdict: Verdict) -> Verdict:
        SCANS.labels("refused", verdict.checked).inc()
        # What is not ours and has no id leaves no row: noise must not fill the table.
        if verdict.ticket is None and scan.id is None:
            return verdict
        if await store.refuse(self._database, scan, verdict):
            return verdict
        return await self._earlier(scan) or verdict


def _refusal(code: TicketCode, reason: Reason, ticket: IssuedTicket | None = None) -> Verdict:
    return Verdict(
        result="refused",
        reason=reason,
        event=code.event,
        ticket=code.ticket,
        seat=domain.seat_shown(ticket) if ticket else None,
        attendee=ticket.attendee if ticket else None,
    )
