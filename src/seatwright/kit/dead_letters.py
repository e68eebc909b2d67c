"""
Messages that were given up: read them, send them again, drop them.

A dead letter keeps its payload, the subject it came on and the last fault. Replaying publishes
it on that subject as a new message and then removes it here; a crash between the two is caught
by the message's id for ten minutes, and by the consumers' own idempotence after that.
"""

import msgspec
from nats.js.api import RawStreamMsg
from nats.js.errors import APIError, NotFoundError

from seatwright.kit.broker import DEAD_STREAM, FAILURES, Broker, Outgoing
from seatwright.kit.errors import NotFound, Unavailable

LISTED_MAX = 1000
# JetStream's own numbers for it; their classes are the same as for a server in trouble.
_NO_SUCH_MESSAGE = frozenset({10043, 10057})


class NoDeadLetter(NotFound):
    """It was replayed, dropped or outlived."""

    code = "dead_letter_not_found"
    title = "No such dead letter"


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """`sequence` names it; `payload` is the message's bytes as text, for people."""

    sequence: int
    subject: str
    consumer: str
    fault: str
    payload: str


async def listed(
    broker: Broker, *, consumer: str | None = None, after: int = 0, at_most: int = 100
) -> list[DeadLetter]:
    """The oldest dead letters behind sequence `after`, of one consumer or of all."""
    assert 0 < at_most <= LISTED_MAX
    wanted = f"dead.{consumer}" if consumer else "dead.>"
    found: list[DeadLetter] = []
    while len(found) < at_most:
        raw = await _next(broker, wanted, after + 1)
        if raw is None or raw.seq is None:
            break
        after = raw.seq
        found.append(_shown(raw))
    return found


async def one(broker: Broker, sequence: int) -> DeadLetter:
    """The one of that sequence; raises `NoDeadLetter`."""
    return _shown(await _one(broker, sequence))


async def replay(broker: Broker, sequence: int) -> DeadLetter:
    """Send one again and remove it; raises `NoDeadLetter`, or `Unavailable` with nothing lost."""
    raw = await _one(broker, sequence)
    letter = _shown(raw)
    message = Outgoing(letter.subject, f"replay-{sequence}", raw.data or b"")
    durable = await broker.publish([message])
    if not all(durable):
        raise Unavailable("The broker did not take the message; it is still a dead letter.")
    await _remove(broker, sequence)
    return letter


async def replay_all(broker: Broker, *, consumer: str | None = None) -> int:
    """Send all that are there now again, oldest first; answers how many."""
    count = after = 0
    while batch := await listed(broker, consumer=consumer, after=after):
        for letter in batch:
            await replay(broker, letter.sequence)
            count += 1
        after = batch[-1].sequence
    return count


async def drop(broker: Broker, sequence: int) -> DeadLetter:
    """Remove one for good; raises `NoDeadLetter`."""
    letter = _shown(await _one(broker, sequence))
    await _remove(broker, sequence)
    return letter


def _shown(raw: RawStreamMsg) -> DeadLetter:
    headers = raw.headers or {}
    return DeadLetter(
        sequence=raw.seq or 0,
        subject=headers.get("Seatwright-Subject", ""),
        consumer=headers.get("Seatwright-Consumer", ""),
        fault=headers.get("Seatwright-Fault", ""),
        payload=(raw.data or b"").decode("utf-8", "replace"),
    )


async def _next(broker: Broker, subject: str, sequence: int) -> RawStreamMsg | None:
    try:
        return await broker.stream.get_msg(DEAD_STREAM, seq=sequence, subject=subject, next=True)
    except NotFoundError:
        return None
    except FAILURES as fault:
        raise Unavailable("The broker does not answer.") from fault


async def _one(broker: Broker, sequence: int) -> RawStreamMsg:
    try:
        return await broker.stream.get_msg(DEAD_STREAM, seq=sequence)
    except NotFoundError:
        raise NoDeadLetter(f"There is no dead letter {sequence}.") from None
    except FAILURES as fault:
        raise Unavailable("The broker does not answer.") from fault


async def _remove(broker: Broker, sequence: int) -> None:
    try:
        await broker.stream.delete_msg(DEAD_STREAM, sequence)
    except FAILURES as fault:
        if isinstance(fault, APIError) and fault.err_code in _NO_SUCH_MESSAGE:
            return  # somebody else was faster
        raise Unavailable("The broker does not answer; try again.") from fault
