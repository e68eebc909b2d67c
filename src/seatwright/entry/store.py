"""The rows of scans."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import msgspec

from seatwright.contracts.catalog import EventId
from seatwright.contracts.delivery import SUBJECT_HAPPENED, Happened
from seatwright.contracts.orders import TicketId
from seatwright.entry.domain import SUBJECT_ADMITTED, Scan, SeatShown, TicketAdmitted, Verdict
from seatwright.kit import clock, ids
from seatwright.kit.postgres import Database, queries

_SQL = queries("seatwright.entry")


class _Shown(msgspec.Struct, frozen=True):
    seat: SeatShown | None
    attendee: str | None


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer a scan was given, and the hash of the code it was given for."""

    verdict: Verdict
    code_hash: bytes


@dataclass(frozen=True, slots=True)
class FirstAdmission:
    """When a ticket was let in, and whether by the scan that is asking."""

    at: datetime
    scanner: str
    scan: str | None


@dataclass(frozen=True, slots=True)
class Count:
    """Scans of one result, reason and gate (empty when the gate has no name)."""

    result: str
    reason: str | None
    gate: str
    scans: int
    offline: int
    first_at: datetime
    last_at: datetime


def code_hash(code: str) -> bytes:
    """What is kept of a scanned text."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()


async def answered(database: Database, scan: Scan) -> Answered | None:
    """The answer to this scan of this device, if it had one."""
    if scan.id is None:
        return None
    async with database.reading() as reader:
        row = await reader.row(_SQL["answered"], scan.scanner, scan.id)
    return None if row is None else Answered(_verdict(row), row["code_hash"])


async def first_admission(
    database: Database, event: EventId, ticket: TicketId
) -> FirstAdmission | None:
    """The ticket's admission, if it is inside."""
    async with database.reading() as reader:
        row = await reader.row(_SQL["admission"], event, ticket)
    return (
        None if row is None else FirstAdmission(row["scanned_at"], row["scanner"], row["scan_id"])
    )


async def admit(database: Database, scan: Scan, verdict: Verdict) -> bool:
    """Let the verdict's ticket in; False when it is in already or the scan was answered."""
    assert verdict.event is not None
    assert verdict.ticket is not None
    told = TicketAdmitted(event=verdict.event, ticket=verdict.ticket, at=scan.at)
    rows = await database.atomically(
        _SQL["admit"],
        ids.sortable_id(),
        verdict.event,
        verdict.ticket,
        scan.gate,
        scan.scanner,
        scan.id,
        code_hash(scan.code),
        _shown(verdict),
        verdict.checked,
        scan.at,
        SUBJECT_ADMITTED,
        msgspec.json.encode(told),
        SUBJECT_HAPPENED,
        msgspec.json.encode(_happened(scan, verdict.event, verdict.ticket)),
    )
    return bool(rows)


async def refuse(database: Database, scan: Scan, verdict: Verdict) -> bool:
    """Keep a refusal; False when the scan was answered already."""
    rows = await database.atomically(
        _SQL["refuse"],
        ids.sortable_id(),
        verdict.event,
        verdict.ticket,
        verdict.reason,
        scan.gate,
        scan.scanner,
        scan.id,
        code_hash(scan.code),
        _shown(verdict),
        verdict.checked,
        scan.at,
        verdict.admitted_at,
    )
    return bool(rows)


async def attendance(database: Database, event: EventId) -> list[Count]:
    """All scans of an event, counted."""
    async with database.reading() as reader:
        rows = await reader.rows(_SQL["attendance"], event)
    return [Count(**row) for row in rows]


def _happened(scan: Scan, event: EventId, ticket: TicketId) -> Happened:
    """The same for an organisation's own systems."""
    data = {"ticket_id": ticket, "gate": scan.gate, "admitted_at": clock.rfc3339(scan.at)}
    return Happened(kind="ticket.admitted", event=event, key=ticket, at=scan.at, data=data)


def _shown(verdict: Verdict) -> str:
    return msgspec.json.encode(_Shown(verdict.seat, verdict.attendee)).decode()


def _verdict(row: asyncpg.Record) -> Verdict:
    shown = msgspec.json.decode(row["shown"], type=_Shown)
    return Verdict(
        result=row["result"],
        reason=row["reason"],
        event=row["event_id"],
        ticket=row["ticket_id"],
        seat=shown.seat,
        attendee=shown.attendee,
        admitted_at=row["admitted_at"],
        checked=row["checked"],
    )
