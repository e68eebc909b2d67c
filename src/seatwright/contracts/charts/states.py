"""
The two bits every place has while an event is on sale.

Four places a byte, the first place in the two most significant bits, which is the order of
Valkey's BITFIELD; the spare bits of the last byte are zero.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from seatwright.contracts.charts.published import PublishedChart


class SeatState(IntEnum):
    """What can be said about one place of one event."""

    FREE = 0
    HELD = 1
    SOLD = 2
    BLOCKED = 3  # not for sale


_SHIFTS = (6, 4, 2, 0)
# Translation tables: byte → one of its four states, and state → its bits within a byte.
_STATE_AT = tuple(bytes((byte >> shift) & 3 for byte in range(256)) for shift in _SHIFTS)
_BITS_AT = tuple(bytes((state & 3) << shift for state in range(256)) for shift in _SHIFTS)


@dataclass(frozen=True, slots=True)
class Tally:
    """Free, held, sold and blocked places, and the free ones per category and span."""

    free: int
    held: int
    sold: int
    blocked: int
    free_by_category: tuple[int, ...]  # in the order of `chart.categories`
    free_by_span: tuple[int, ...]  # in the order of `chart.spans`


def bits_size(places: int) -> int:
    """Bytes of the two-bit string for so many places."""
    return (places + 3) // 4


def unpack_states(bits: bytes, places: int, first: int = 0) -> bytes:
    """
    One byte a place (0…3) for `places` places from `first`; missing bytes read as free.

    By whole-string translation, not byte by byte: 0.1 ms for 70,000.
    """
    start = first // 4
    chunk = bits[start : bits_size(first + places)]
    states = bytearray(4 * len(chunk))
    for offset, table in enumerate(_STATE_AT):
        states[offset::4] = chunk.translate(table)
    skipped = first - 4 * start
    return bytes(states[skipped : skipped + places]).ljust(places, b"\0")


def pack_states(states: Iterable[int]) -> bytes:
    """The two-bit string for one state (0…3) a place; ValueError for any other number."""
    flat = bytes(states)
    if flat and max(flat) > max(SeatState):
        raise ValueError("a state is 0, 1, 2 or 3")
    flat += bytes(-len(flat) % 4)
    bits = 0
    for offset, table in enumerate(_BITS_AT):
        bits |= int.from_bytes(flat[offset::4].translate(table), "big")
    return bits.to_bytes(len(flat) // 4, "big")


def tally(chart: PublishedChart, bits: bytes) -> Tally:
    """
    Count an event's places.

    Counts stretches of bytes, not places one by one: 0.5 ms for 70,000.
    """
    states = unpack_states(bits, chart.seat_count)
    categories = [0] * len(chart.categories)
    for index, first, end in chart.category_runs:
        categories[index] += states.count(0, first, end)
    return Tally(
        free=states.count(SeatState.FREE),
        held=states.count(SeatState.HELD),
        sold=states.count(SeatState.SOLD),
        blocked=states.count(SeatState.BLOCKED),
        free_by_category=tuple(categories),
        free_by_span=tuple(states.count(0, span.first, span.end) for span in chart.spans),
    )
