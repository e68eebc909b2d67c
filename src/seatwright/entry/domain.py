"""
Whether a scanned ticket is let in: the rules, without clock, network or rows.

One rule is not here because no function can keep it: a ticket is admitted once. The unique
index `one_admission` does (I-G1).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from seatwright.contracts import moving_codes
from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import IssuedTicket, TicketId
from seatwright.contracts.ticket_codes import TicketCode

Result = Literal["admitted", "refused"]
# `offline`: judged by signature and by our own rows alone, because orders did not answer, or
# because the gate had no network when it scanned.
Checked = Literal["online", "offline"]
Reason = Literal[
    "already_used",
    "bad_code",
    "wrong_event",
    "expired",
    "revoked",
    "code_replaced",
    # of a ticket whose code moves: shown too long ago or by a wrong clock; or standing still
    "code_outdated",
    "code_not_moving",
    "unknown_ticket",
    "not_paid",
]

SUBJECT_ADMITTED = "work.admitted"


class SeatShown(msgspec.Struct, frozen=True, kw_only=True):
    """The seat as the usher reads it out."""

    section: str
    row: str
    seat: str
    label: str


class TicketAdmitted(msgspec.Struct, frozen=True, kw_only=True, tag="ticket-admitted"):
    """What entry tells orders, through the queue."""

    event: EventId
    ticket: TicketId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """
    One reading of a code.

    `scanner` is who holds the device; `id` the device's own name of this scan, so that sending
    it again is not a second scan. `at` is when it happened, `uploaded` that the gate has
    already decided and only reports.
    """

    code: str
    event: EventId | None
    gate: str | None
    id: str | None
    scanner: str
    at: datetime
    uploaded: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A code of ours; `step` is when its holder's phone showed it, None for one that stands."""

    content: TicketCode
    step: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    What the gate is told.

    `admitted_at` is when the ticket was let in: now, or the first time when it is `already_used`.
    """

    result: Result
    reason: Reason | None = None
    event: EventId | None = None
    ticket: TicketId | None = None
    seat: SeatShown | None = None
    attendee: str | None = None
    admitted_at: datetime | None = None
    checked: Checked = "online"


def judge_code(shown: Shown, scan: Scan, *, moves: bool) -> Reason | None:
    """What speaks against a code of ours at this gate, whose event's codes move or do not."""
    code = shown.content
    if scan.event is not None and code.event != scan.event:
        return "wrong_event"
    if scan.at.timestamp() > code.not_after:
        return "expired"
    if shown.step is None:
        return "code_not_moving" if moves else None
    window = moving_codes.OFFLINE if scan.uploaded else moving_codes.ONLINE
    return "code_outdated" if moving_codes.judge(shown.step, scan.at, window) else None


def judge_ticket(code: TicketCode, ticket: IssuedTicket) -> Reason | None:
    """What speaks against the ticket as orders know it; None when nothing does (I-G2, I-G3)."""
    if code.seq != ticket.seq:
        # It was given to somebody else, or printed anew: only the newest code opens.
        return "code_replaced"
    if ticket.status in {"refunded", "transferred", "void"}:
        return "revoked"
    if not ticket.released:
        return "not_paid"
    # Orders know of an admission only from us. If our row is lost, theirs still holds.
    return "already_used" if ticket.status == "used" else None


def seat_shown(ticket: IssuedTicket) -> SeatShown:
    """The seat of a ticket."""
    return SeatShown(
        section=ticket.section, row=ticket.row, seat=ticket.seat_label, label=ticket.label
    )
