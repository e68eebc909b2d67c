"""Scanning tickets."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from litestar import Request, post
from litestar.params import JSONBody
from litestar.response import Response

from seatwright.contracts.accounts import Principal
from seatwright.contracts.catalog import EventId
from seatwright.entry.domain import Scan, SeatShown, Verdict
from seatwright.entry.service.access import Access
from seatwright.entry.service.check_in import Gate
from seatwright.entry.service.take_in import SCANS_MAX, TakenIn, take_in
from seatwright.kit import clock
from seatwright.kit.log import note
from seatwright.kit.web import caller
from seatwright.kit.web.app import offered

# A ticket's code has under 200 characters; a scanner reads posters and passports too.
Code = Annotated[
    str,
    msgspec.Meta(
        min_length=1, max_length=4096, description="The text in the QR.", examples=["SW1.lrAwMWs4…"]
    ),
]
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
GateName = Annotated[
    str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$", examples=["C"])
]
ScanId = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
        description="The device's own UUID for this scan; sent again, it gets its answer again.",
        examples=["5f2c1e0a-9d1b-4c55-8f0e-2b6f1f6f3a10"],
    ),
]


class CheckIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One scan. With `event_id`, a ticket of any other event is refused as `wrong_event`."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "code": "SW1.lrAwMWs4NTRhNzl1NmlvMGlv.c2lnbmVk",
        "event_id": "01k854a79u6io0io",
        "gate": "C",
        "scan_id": "5f2c1e0a-9d1b-4c55-8f0e-2b6f1f6f3a10",
    }

    code: Code
    event_id: Id | None = None
    gate: GateName | None = None
    scan_id: ScanId | None = None


class OfflineScan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody let in without a network, at the device's own time."""

    code: Code
    scan_id: ScanId
    scanned_at: Annotated[datetime, msgspec.Meta(tz=True)]
    event_id: Id | None = None
    gate: GateName | None = None


class OfflineScans(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a gate has to report; sending it again changes nothing."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "scans": [
            {
                "code": "SW1.lrAwMWs4NTRhNzl1NmlvMGlv.c2lnbmVk",
                "scan_id": "5f2c1e0a-9d1b-4c55-8f0e-2b6f1f6f3a10",
                "scanned_at": "2026-12-05T18:45:10+01:00",
                "gate": "C",
            }
        ]
    }

    scans: Annotated[list[OfflineScan], msgspec.Meta(min_length=1, max_length=SCANS_MAX)]


class CheckInAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the gate shows.

    `reason` is null for an admission, else one of `already_used`, `bad_code`, `wrong_event`,
    `expired`, `revoked`, `code_replaced`, `code_outdated`,
    `code_not_moving`, `unknown_ticket`, `not_paid`. `admitted_at` is the first time for
    `already_used`. `checked` is `offline` when orders could not be asked.
    """

    result: Literal["admitted", "refused"]
    reason: str | None
    event_id: str | None
    ticket_id: str | None
    seat: SeatShown | None
    attendee: str | None
    admitted_at: str | None
    checked: Literal["online", "offline"]
    server_time: str


class OfflineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    What became of one reported scan.

    `duplicate`: somebody else is inside on the same ticket. `reason` may also be
    `scan_mismatch`: the scan id belongs to another code.
    """

    scan_id: str
    result: Literal["admitted", "refused"]
    reason: str | None
    duplicate: bool
    event_id: str | None
    ticket_id: str | None
    admitted_at: str | None


class OfflineAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """Answers in the order of the scans."""

    results: list[OfflineAnswer]
    admitted: int
    duplicates: int
    refused: int
    server_time: str


@post("/v1/check-ins", status_code=200, tags=["entry"])
async def check_in(
    request: Request[Any, Any, Any], data: JSONBody[CheckIn]
) -> Response[CheckInAnswer]:
    """Scan a ticket: let it in, or say why not."""
    principal = await _scanner(request)
    scan = Scan(
        code=data.code,
        event=EventId(data.event_id) if data.event_id else None,
        gate=data.gate,
        id=data.scan_id,
        scanner=principal.id,
        at=clock.now(),
    )
    verdict = await offered(request, Gate).check_in(scan, principal)
    note(result=verdict.result, reason=verdict.reason, checked=verdict.checked)
    return Response(_answer(verdict))


@post("/v1/check-ins/batch", status_code=200, tags=["entry"])
async def check_in_batch(
    request: Request[Any, Any, Any], data: JSONBody[OfflineScans]
) -> Response[OfflineAnswers]:
    """Report what a gate scanned without a network, and learn of duplicates."""
    principal = await _scanner(request)
    now = clock.now()
    scans = [_offline(scan, principal, now) for scan in data.scans]
    for event in {scan.event for scan in scans if scan.event is not None}:
        await offered(request, Access).event_to_scan(principal, event)
    taken = await take_in(offered(request, Gate), scans, principal)
    results = [
        _offline_answer(scan.scan_id, one) for scan, one in zip(data.scans, taken, strict=True)
    ]
    admitted = sum(answer.result == "admitted" for answer in results)
    duplicates = sum(answer.duplicate for answer in results)
    note(scans=len(results), admitted=admitted, duplicates=duplicates)
    return Response(
        OfflineAnswers(
            results=results,
            admitted=admitted,
            duplicates=duplicates,
            refused=len(results) - admitted - duplicates,
            server_time=clock.rfc3339(clock.now()),
        )
    )


async def _scanner(request: Request[Any, Any, Any]) -> Principal:
    return await offered(request, Access).scanner(caller.credentials(request))


def _offline(scan: OfflineScan, principal: Principal, now: datetime) -> Scan:
    return Scan(
        code=scan.code,
        event=EventId(scan.event_id) if scan.event_id else None,
        gate=scan.gate,
        id=scan.scan_id,
        scanner=principal.id,
        # A device's clock may run ahead; nobody was let in in the future.
        at=min(scan.scanned_at, now),
        uploaded=True,
    )


def _answer(verdict: Verdict) -> CheckInAnswer:
    return CheckInAnswer(
        result=verdict.result,
        reason=verdict.reason,
        event_id=verdict.event,
        ticket_id=verdict.ticket,
        seat=verdict.seat,
        attendee=verdict.attendee,
        admitted_at=clock.rfc3339(verdict.admitted_at) if verdict.admitted_at else None,
        checked=verdict.checked,
        server_time=clock.rfc3339(clock.now()),
    )


def _offline_answer(scan: str, taken: TakenIn) -> OfflineAnswer:
    verdict = taken.verdict
    admitted_at = verdict.admitted_at if verdict else None
    return OfflineAnswer(
        scan_id=scan,
        result=verdict.result if verdict else "refused",
        reason=verdict.reason if verdict else "scan_mismatch",
        duplicate=taken.duplicate,
        event_id=verdict.event if verdict else None,
        ticket_id=verdict.ticket if verdict else None,
        admitted_at=clock.rfc3339(admitted_at) if admitted_at else None,
    )
