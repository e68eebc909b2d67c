r"""
How a hold is written in Valkey, and read again.

`<cap_ms> <extended> <holder>\t<group>\t<seat,seat,…>\t<note>`: the functions read what stands
before the note with one pattern, and keep the note unread.
"""

from collections.abc import Sequence
from typing import Any

from seatwright.reservations.domain.outcomes import Change, ClaimedSeats, Known


def record(holder: str, group: str, seats: Sequence[int], note: bytes) -> bytes:
    """The part that the caller writes; names with a tab or line break would be another record."""
    assert holder.isprintable(), "a holder is an identifier"
    assert group.isprintable(), "a group is an identifier"
    return f"{holder}\t{group}\t{','.join(map(str, seats))}\t".encode() + note


def claims(given: Sequence[ClaimedSeats]) -> tuple[list[Any], ...]:
    """
    Holds for the claims of a filling: owners, holds and buyers as field and value, expiries as
    score and member.
    """
    owners: list[Any] = []
    holds: list[Any] = []
    expiries: list[Any] = []
    groups: dict[str, list[str]] = {}
    for claim in given:
        for seat in claim.seats:
            owners += (seat, claim.hold)
        kept = record(claim.holder, claim.group, claim.seats, b"").decode()
        holds += (claim.hold, f"{claim.until_ms} 1 {kept}")
        expiries += (claim.until_ms, claim.hold)
        if claim.group:
            groups.setdefault(claim.group, []).append(f"{claim.hold}={len(claim.seats)}")
    buyers = [word for group, listed in groups.items() for word in (group, " ".join(listed))]
    return owners, holds, buyers, expiries


def known(now_ms: int, expires_ms: int, stored: bytes) -> Known:
    """A stored hold."""
    head, group, seats, note = stored.split(b"\t", 3)
    cap, extended, holder = head.split(b" ", 2)
    return Known(
        now_ms,
        expires_ms,
        int(cap),
        extended == b"1",
        holder.decode(),
        group.decode(),
        numbers(seats),
        note,
    )


def numbers(text: bytes) -> tuple[int, ...]:
    """The seats in `1,2,3`."""
    return tuple(map(int, text.split(b","))) if text else ()


def entries(stream: list[list[Any]]) -> tuple[Change, ...]:
    """The entries of the stream of changes."""
    return tuple(
        Change(
            int(name.partition(b"-")[0]),
            tuple(
                (int(state), numbers(seats))
                for state, seats in zip(pairs[::2], pairs[1::2], strict=True)
                if seats
            ),
        )
        for name, pairs in stream
    )
