"""
Deciding who holds which seat: the rules that `adapters/holds.lua` carries out.

Pure: the state of one event is a value, time is an argument, each function answers what comes of
a request and the state after it. Valkey decides by the Lua functions, because only there is it
atomic; `tests/contract/reservations` holds the two to one behaviour, call by call.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from seatwright.contracts.charts import SeatState
from seatwright.contracts.reservations import HoldId
from seatwright.reservations.domain.outcomes import (
    Absent,
    Expired,
    ExtendOutcome,
    Foreign,
    Held,
    HoldOutcome,
    Kept,
    Known,
    Marked,
    NoSuchSeat,
    OverLimit,
    Released,
    ReleaseOutcome,
    Swept,
    Taken,
    Wish,
)


class LiveHold(NamedTuple):
    """A hold that is remembered: it runs until `expires_ms`, exclusive."""

    holder: str
    group: str
    seats: tuple[int, ...]
    note: bytes
    expires_ms: int
    cap_ms: int
    extended: bool


@dataclass(frozen=True, slots=True)
class Book:
    """
    All seats of one event at one version.

    `states` has the seats that are not free, `owners` the hold of each that is held.
    """

    seat_count: int
    version: int
    states: Mapping[int, SeatState]
    owners: Mapping[int, HoldId]
    holds: Mapping[HoldId, LiveHold]

    def runs(self, hold: HoldId | None, now_ms: int) -> bool:
        """Whether the hold is remembered and has not run out."""
        return hold is not None and hold in self.holds and self.holds[hold].expires_ms > now_ms

    def known(self, hold: HoldId, now_ms: int) -> Known:
        """The hold, as it is told."""
        found = self.holds[hold]
        return Known(
            now_ms,
            found.expires_ms,
            found.cap_ms,
            found.extended,
            found.holder,
            found.group,
            found.seats,
            found.note,
        )

    def seats_of(self, group: str, except_hold: HoldId, now_ms: int) -> int:
        """How many seats the group's other running holds were given."""
        return sum(
            len(one.seats)
            for hold, one in self.holds.items()
            if one.group == group and hold != except_hold and one.expires_ms > now_ms
        )


def new_book(seat_count: int, version: int, states: Mapping[int, SeatState]) -> Book:
    """An event that was just filled."""
    return Book(seat_count, version, dict(states), {}, {})


def hold(book: Book, wish: Wish, now_ms: int) -> tuple[Book, HoldOutcome]:
    """All seats or none; a running hold of the same id is answered as it is."""
    assert wish.seats, "an empty wish never reaches the rules"
    if not wish.fresh and book.runs(wish.hold, now_ms):
        return book, book.known(wish.hold, now_ms)
    for seat in wish.seats:
        if seat >= book.seat_count:
            return book, NoSuchSeat(now_ms, seat)
    blocked = tuple(sorted(s for s in wish.seats if _stands(book, s, wish.hold, now_ms)))
    if blocked:
        return book, Taken(now_ms, blocked)
    if wish.group:
        held = book.seats_of(wish.group, wish.hold, now_ms)
        if held + len(wish.seats) > wish.seats_max:
            return book, OverLimit(now_ms, held)
    lapsed = {book.owners[seat] for seat in wish.seats if seat in book.owners} | {wish.hold}
    cleared, _ = _without(book, lapsed)
    given = LiveHold(
        wish.holder,
        wish.group,
        wish.seats,
        wish.note,
        now_ms + wish.duration_ms,
        now_ms + wish.cap_ms,
        extended=False,
    )
    after = replace(
        cleared,
        version=book.version + 1,
        states={**cleared.states, **dict.fromkeys(wish.seats, SeatState.HELD)},
        owners={**cleared.owners, **dict.fromkeys(wish.seats, wish.hold)},
        holds={**cleared.holds, wish.hold: given},
    )
    return after, Held(now_ms, given.expires_ms, after.version)


def extend(
    book: Book, wanted: HoldId, holder: str, by_ms: int, now_ms: int
) -> tuple[Book, ExtendOutcome]:
    """Once, within the cap, never shorter."""
    found = book.holds.get(wanted)
    if found is None:
        return book, Absent(now_ms)
    if found.holder != holder:
        return book, Foreign(now_ms)
    if found.expires_ms <= now_ms:
        return book, Expired(now_ms)
    if not found.extended:
        expires_ms = max(found.expires_ms, min(found.expires_ms + by_ms, found.cap_ms))
        found = found._replace(expires_ms=expires_ms, extended=True)
        book = replace(book, holds={**book.holds, wanted: found})
    return book, book.known(wanted, now_ms)


def keep(book: Book, wanted: HoldId, until_ms: int, now_ms: int) -> tuple[Book, Kept | Absent]:
    """At least until then, whatever the cap; also a hold that has run out untouched."""
    found = book.holds.get(wanted)
    if found is None:
        return book, Absent(now_ms)
    found = found._replace(expires_ms=max(found.expires_ms, until_ms))
    return replace(book, holds={**book.holds, wanted: found}), Kept(now_ms)


def release(book: Book, wanted: HoldId, holder: str, now_ms: int) -> tuple[Book, ReleaseOutcome]:
    """The hold's own seats are free again."""
    found = book.holds.get(wanted)
    if found is None:
        return book, Absent(now_ms)
    if found.holder != holder:
        return book, Foreign(now_ms)
    book, freed = _without(book, {wanted})
    if not freed:
        return book, Absent(now_ms)
    book = replace(book, version=book.version + 1)
    return book, Released(now_ms, book.version)


def mark(
    book: Book,
    seats: tuple[int, ...],
    state: SeatState,
    ended: HoldId | None,
    later: frozenset[int] | None,
    now_ms: int,
) -> tuple[Book, Marked | NoSuchSeat]:
    """
    What orders says; freeing spares what a running hold other than `ended` has.

    `later` are the seats that have changed since orders knew what it says; None: nobody knows,
    this is news, and a sale that came after it must not be undone.
    """
    for seat in seats:
        if seat >= book.seat_count:
            return book, NoSuchSeat(now_ms, seat)
    different = [
        seat
        for seat in seats
        if seat not in (later or ()) and book.states.get(seat, SeatState.FREE) != state
    ]
    truth = later is not None
    changing = {
        seat
        for seat in different
        if state != SeatState.FREE or _freed_by(book, seat, ended, now_ms, truth=truth)
    }
    sold = tuple(
        seat for seat in different if seat not in changing and book.states[seat] == SeatState.SOLD
    )
    if not changing:
        return book, Marked(now_ms, book.version, 0, sold)
    touched = {book.owners[seat] for seat in changing if seat in book.owners}
    after = replace(
        book,
        version=book.version + 1,
        states=_states(book.states, changing, state),
        owners={seat: owner for seat, owner in book.owners.items() if seat not in changing},
    )
    left = set(after.owners.values())
    after, _ = _without(after, touched - left)
    return after, Marked(now_ms, after.version, len(changing), sold)


def claim(
    book: Book, wanted: HoldId, claimed: LiveHold, later: frozenset[int], now_ms: int
) -> tuple[Book, Marked | NoSuchSeat]:
    """
    Seats that orders says a claim has are its hold's; `claimed` is the hold, if there is none yet.

    What is held already is left alone, and what has changed since orders knew (`later`).
    """
    for seat in claimed.seats:
        if seat >= book.seat_count:
            return book, NoSuchSeat(now_ms, seat)
    given = tuple(
        seat
        for seat in claimed.seats
        if seat not in later and book.states.get(seat) != SeatState.HELD
    )
    if not given:
        return book, Marked(now_ms, book.version, 0, ())
    found = book.holds.get(wanted, claimed._replace(seats=()))
    found = found._replace(
        seats=(*found.seats, *(seat for seat in given if seat not in found.seats)),
        expires_ms=max(found.expires_ms, claimed.expires_ms),
    )
    after = replace(
        book,
        version=book.version + 1,
        states={**book.states, **dict.fromkeys(given, SeatState.HELD)},
        owners={**book.owners, **dict.fromkeys(given, wanted)},
        holds={**book.holds, wanted: found},
    )
    return after, Marked(now_ms, after.version, len(given), ())


def sweep(book: Book, published: int, now_ms: int) -> tuple[Book, Swept]:
    """Forget every hold that has run out."""
    lapsed = {hold for hold, one in book.holds.items() if one.expires_ms <= now_ms}
    book, freed = _without(book, lapsed)
    if freed:
        book = replace(book, version=book.version + 1)
    next_ms = min((one.expires_ms for one in book.holds.values()), default=0)
    return book, Swept(now_ms, book.version, published, len(freed), next_ms)


def _stands(book: Book, seat: int, wanted: HoldId, now_ms: int) -> bool:
    # Whether something keeps this seat from being held: sold, blocked, or another's running hold.
    state = book.states.get(seat, SeatState.FREE)
    if state != SeatState.HELD:
        return state != SeatState.FREE
    owner = book.owners.get(seat)
    return owner != wanted and book.runs(owner, now_ms)


def _freed_by(book: Book, seat: int, ended: HoldId | None, now_ms: int, *, truth: bool) -> bool:
    # Whether this seat, which is not free, may be shown as free.
    state, owner = book.states[seat], book.owners.get(seat)
    if state == SeatState.HELD:
        return owner == ended or not book.runs(owner, now_ms)
    return truth or (state == SeatState.BLOCKED and ended is None)


def _without(book: Book, ended: set[HoldId]) -> tuple[Book, set[int]]:
    # The book without these holds, and the seats that were still theirs.
    freed = {seat for seat, owner in book.owners.items() if owner in ended}
    after = replace(
        book,
        states=_states(book.states, freed, SeatState.FREE),
        owners={seat: owner for seat, owner in book.owners.items() if seat not in freed},
        holds={hold: one for hold, one in book.holds.items() if hold not in ended},
    )
    return after, freed


def _states(
    states: Mapping[int, SeatState], seats: set[int], state: SeatState
) -> dict[int, SeatState]:
    rest = {seat: old for seat, old in states.items() if seat not in seats}
    return rest if state == SeatState.FREE else {**rest, **dict.fromkeys(seats, state)}
