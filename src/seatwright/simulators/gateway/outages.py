"""What drills may do to the gateway while it runs."""

from dataclasses import replace
from typing import Annotated, Literal

import msgspec

from seatwright.simulators.web import CUT, Reply, Request

Outage = Literal["none", "refuse", "hang", "500", "429", "garbage", "flood", "slow"]

# Nobody sane waits longer for an answer; it only bounds what a forgotten client costs.
HANG_S_MAX = 300.0
FLOOD_BYTES = 10 * 1024 * 1024
# A slow answer drips, 40 pieces in 20 s: longer than any patient client should read.
SLOW_PAUSE_S = 0.5

_Ms = Annotated[int, msgspec.Meta(ge=0, le=600_000)]


class Conditions(msgspec.Struct, kw_only=True):
    """
    The weather, changed by `POST /_control`; only addresses under /v1 feel it.

    refuse: the connection is cut, nothing is done. hang: no answer, nothing is done.
    500, 429: so answered, nothing is done or remembered. garbage, flood, slow: the request
    is done, and the answer is no JSON, 10 MB long, or drips for 20 s.
    """

    outage: Outage = "none"
    latency_ms: _Ms = 20
    webhook_delay_ms: _Ms = 100


class Change(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What `POST /_control` takes: only what is to change."""

    outage: Outage | None = None
    latency_ms: _Ms | None = None
    webhook_delay_ms: _Ms | None = None


def change(conditions: Conditions, wanted: Change) -> None:
    """Let the wanted weather be."""
    for name in wanted.__struct_fields__:
        if (value := getattr(wanted, name)) is not None:
            setattr(conditions, name, value)


async def strikes(outage: Outage, request: Request) -> Reply | None:
    """The answer when the outage takes the request before anything is done."""
    if outage == "refuse":
        return CUT
    if outage == "hang":
        return await request.hang(HANG_S_MAX)
    if outage == "500":
        body = b'{"error":{"code":"internal","message":"Something broke on our side."}}'
        return Reply(500, body)
    if outage == "429":
        body = b'{"error":{"code":"rate_limited","message":"Too many requests."}}'
        return Reply(429, body, headers=((b"retry-after", b"1"),))
    return None


def spoiled(outage: Outage, reply: Reply) -> Reply:
    """The answer as the outage leaves it."""
    if outage == "garbage":
        return Reply(200, b'{"id": "pay_\xff\xfe<html>' + reply.body[:20])
    if outage == "flood":
        return Reply(200, b'{"id":"' + b"x" * FLOOD_BYTES + b'"}')
    if outage == "slow":
        return replace(reply, drip_s=SLOW_PAUSE_S)
    return reply
