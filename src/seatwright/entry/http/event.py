"""An event as its gates see it: how many are inside, and what a gate needs without a network."""

from typing import Any

import msgspec
from litestar import Request, get
from litestar.params import FromPath
from litestar.response import Response

from seatwright.contracts import moving_codes, ticket_codes
from seatwright.contracts.catalog import EventForSale, EventId
from seatwright.entry.service.access import Access
from seatwright.entry.service.gate_books import GateBooks
from seatwright.kit import clock
from seatwright.kit.web import caller
from seatwright.kit.web.app import offered


class GateCount(msgspec.Struct, frozen=True, kw_only=True):
    """People let in at one gate; the name is empty where none was given."""

    gate: str
    admitted: int


class Attendance(msgspec.Struct, frozen=True, kw_only=True):
    """Counts of an event's scans; `offline` are admissions not checked with orders."""

    event_id: str
    admitted: int
    offline: int
    refused: int
    refused_by_reason: dict[str, int]
    gates: list[GateCount]
    first_admitted_at: str | None
    last_admitted_at: str | None
    server_time: str


class BundleKey(msgspec.Struct, frozen=True, kw_only=True):
    """A public key that signs the event's codes: 32 raw bytes in base64url."""

    key_id: int
    algorithm: str
    public_key: str


class MovingRule(msgspec.Struct, frozen=True, kw_only=True):
    """
    How a gate judges codes that move; any other code of the event is refused.

    Behind the signed part, after a dot, stand a step (four bytes) and a proof (eight) in
    base64url. The ticket's seed is HMAC-SHA256(`key`, msgpack of [ticket, seq]), the proof the
    first bytes of HMAC-SHA256(seed, step). The step, of `step_s` seconds since 1970, may lie
    `past_steps` behind the gate's clock and `ahead_steps` before it. `key` is a secret.
    """

    code_prefix: str
    signed_domain: str
    key: str
    step_s: int
    past_steps: int
    ahead_steps: int


class EntryBundle(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a gate needs to judge codes without a network.

    A code is good when a key verifies it, its event is this one, its `not_after` has not come,
    and its ticket is not among `revoked`. The device keeps who it let in and reports it later.
    """

    event_id: str
    title: str
    timezone: str
    starts_at: str
    ends_at: str
    code_prefix: str
    signed_domain: str
    keys: list[BundleKey]
    moving: MovingRule | None
    revoked: list[str]
    server_time: str


@get("/v1/events/{event_id:str}/attendance", tags=["entry"])
async def attendance(
    request: Request[Any, Any, Any], event_id: FromPath[str]
) -> Response[Attendance]:
    """Count who is inside, live."""
    event = EventId(event_id)
    await offered(request, Access).event_to_read(caller.credentials(request), event)
    counted = await offered(request, GateBooks).attendance(event)
    return Response(
        Attendance(
            event_id=event,
            admitted=counted.admitted,
            offline=counted.offline,
            refused=sum(counted.refused.values()),
            refused_by_reason=dict(counted.refused),
            gates=[GateCount(gate=gate, admitted=n) for gate, n in counted.gates.items()],
            first_admitted_at=clock.rfc3339(counted.first_at) if counted.first_at else None,
            last_admitted_at=clock.rfc3339(counted.last_at) if counted.last_at else None,
            server_time=clock.rfc3339(clock.now()),
        )
    )


@get("/v1/events/{event_id:str}/entry-bundle", tags=["entry"])
async def entry_bundle(
    request: Request[Any, Any, Any], event_id: FromPath[str]
) -> Response[EntryBundle]:
    """Equip a gate to scan without a network."""
    event, scans = await offered(request, Access).event_to_equip_for(
        caller.credentials(request), EventId(event_id)
    )
    # The key of moving codes makes a live code of an old picture: statistics are no reason for it.
    moving = _moving(event, offered(request, GateBooks)) if event.moving_codes and scans else None
    keys = offered(request, GateBooks).public_keys(event.id)
    return Response(
        EntryBundle(
            event_id=event.id,
            title=event.title,
            timezone=event.timezone,
            starts_at=clock.rfc3339(event.starts_at),
            ends_at=clock.rfc3339(event.ends_at),
            code_prefix=ticket_codes.PREFIX,
            signed_domain=ticket_codes.DOMAIN.decode("ascii"),
            keys=[
                BundleKey(key_id=key_id, algorithm="Ed25519", public_key=key)
                for key_id, key in keys.items()
            ],
            moving=moving,
            # Nothing revokes a ticket yet; refunds and transfers will write here first.
            revoked=[],
            server_time=clock.rfc3339(clock.now()),
        ),
        headers={"cache-control": "private, no-store"},
    )


def _moving(event: EventForSale, books: GateBooks) -> MovingRule:
    return MovingRule(
        code_prefix=moving_codes.PREFIX,
        signed_domain=moving_codes.DOMAIN.decode("ascii"),
        key=books.moving_key(event.id),
        step_s=int(moving_codes.STEP.total_seconds()),
        past_steps=moving_codes.OFFLINE.past,
        ahead_steps=moving_codes.OFFLINE.ahead,
    )
