"""Taking seats for a buyer, looking after the hold, and giving it back."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from seatwright.contracts.catalog import EventId
from seatwright.contracts.reservations import (
    HoldExpired,
    HoldGrant,
    HoldId,
    HoldNotFound,
    SeatsTaken,
    sign_hold,
)
from seatwright.kit import clock, crash, ids, telemetry
from seatwright.kit.errors import Problem, Unavailable
from seatwright.kit.signing import Keyring
from seatwright.reservations.domain.holders import address_group, buyer_group, guest
from seatwright.reservations.domain.outcomes import (
    Absent,
    Expired,
    Foreign,
    Held,
    HoldOutcome,
    Known,
    OverLimit,
    Released,
    Taken,
    Wish,
)
from seatwright.reservations.domain.refusals import (
    HoldMismatch,
    TooManySeats,
    TooManySeatsFromHere,
)
from seatwright.reservations.domain.sale import Sale
from seatwright.reservations.domain.terms import Terms
from seatwright.reservations.domain.wishes import (
    Choice,
    ChosenSeats,
    decode_note,
    encode_note,
    in_words,
)
from seatwright.reservations.ports import HoldStore
from seatwright.reservations.service.choosing import (
    Choosing,
    attempts,
    none_left,
    require_sound,
)
from seatwright.reservations.service.rebuilding import Rebuilding
from seatwright.reservations.service.sales import Sales

Noted = Callable[[EventId, int], None]

_given = crash.declare("after_hold", "the seats are held, their buyer does not know")
OUTCOMES = telemetry.counter("holds_total", "Attempts to hold seats", "outcome")
_HELD = OUTCOMES.labels("held")
_REPEATED = OUTCOMES.labels("repeated")
_TAKEN = OUTCOMES.labels("taken")
_LIMIT = OUTCOMES.labels("limit")
_FROM_HERE = OUTCOMES.labels("address_limit")


class Asked(NamedTuple):
    """
    A request for seats; `principal` is None for a guest, `hold` None when we make the id.

    `address` is where it came from, or the network of the household.
    """

    event: EventId
    choice: Choice
    hold: HoldId | None
    principal: str | None
    address: str


class Granted(NamedTuple):
    """A hold as its holder may see it, with the token that orders take."""

    grant: HoldGrant
    token: str
    extended: bool
    now_ms: int
    sale: Sale


class _Renumbered(Exception):  # noqa: N818  # a state, answered by asking anew
    """The event's seats are counted by another chart than ours."""


class Holding:
    """Everything a buyer does with a hold."""

    def __init__(  # the parts of one use case
        self,
        store: HoldStore,
        sales: Sales,
        rebuilding: Rebuilding,
        choosing: Choosing,
        keys: Keyring,
        changed: Noted,
        terms: Terms,
    ) -> None:
        self._store = store
        self._sales = sales
        self._rebuilding = rebuilding
        self._choosing = choosing
        self._keys = keys
        self._changed = changed
        self._terms = terms

    async def hold(self, asked: Asked) -> Granted:
        """
        Hold the seats asked for, all or none; the same hold id again answers the same.

        Raises the refusals of `Sale`, `SeatsTaken`, `NoSuitableSeats`, `TooManySeats`,
        `TooManySeatsFromHere`, `HoldMismatch`, `HoldNotFound` for another's id, or `Unavailable`.
        """
        sale = await self._sales.of(asked.event)
        try:
            return await self._hold(asked, sale)
        except _Renumbered:
            sale = await self._newest(asked.event, sale)
        try:
            return await self._hold(asked, sale)
        except _Renumbered:
            raise Unavailable("The seats of this event have been renumbered. Try again.") from None

    async def look(self, *, event: EventId, hold: HoldId, principal: str | None) -> Granted:
        """The hold; raises `HoldNotFound` or `HoldExpired`."""
        sale = await self._sales.of(event)
        found = await self._rebuilding.answered(
            event, lambda: self._store.look(event=event, hold=hold)
        )
        if isinstance(found, Absent) or found.holder != _holder(principal, hold):
            raise HoldNotFound("There is no such hold.")
        if found.expires_ms <= found.now_ms:
            raise HoldExpired("The hold has run out; the seats may be free again.")
        return self._granted(sale, hold, found)

    async def extend(self, *, event: EventId, hold: HoldId, principal: str | None) -> Granted:
        """Lengthen it, once; repeating that answers the same. Raises as `look` does."""
        sale = await self._sales.of(event)
        found = await self._rebuilding.answered(
            event,
            lambda: self._store.extend(
                event=event,
                hold=hold,
                holder=_holder(principal, hold),
                by_ms=self._terms.extension_ms,
            ),
        )
        match found:
            case Known():
                return self._granted(sale, hold, found)
            case Expired():
                raise HoldExpired("The hold has run out; the seats may be free again.")
            case Absent() | Foreign():
                raise HoldNotFound("There is no such hold.")

    async def release(self, *, event: EventId, hold: HoldId, principal: str | None) -> None:
        """End the hold, if there is one. Raises `HoldNotFound` for another's."""
        found = await self._rebuilding.answered(
            event,
            lambda: self._store.release(event=event, hold=hold, holder=_holder(principal, hold)),
        )
        if isinstance(found, Released):
            self._changed(event, found.version)
        elif isinstance(found, Foreign):
            raise HoldNotFound("There is no such hold.")

    async def _hold(self, asked: Asked, sale: Sale) -> Granted:
        sale.require_open(clock.unix_ms())
        choice = asked.choice
        if isinstance(choice, ChosenSeats):
            return await self._try(asked, sale, sale.seats(choice.ids))
        require_sound(sale, choice)
        for attempt in attempts():
            choices = await self._choosing.choices(sale, choice, attempt)
            if not choices:
                raise none_left(choice)
            for seats in choices:
                try:
                    return await self._try(asked, sale, seats)
                except SeatsTaken:
                    continue
        raise SeatsTaken("Others were faster, again and again. Try once more.", seats=[])

    async def _try(self, asked: Asked, sale: Sale, seats: tuple[int, ...]) -> Granted:
        hold = asked.hold or HoldId(ids.sortable_id())
        holder = asked.principal or guest(hold)
        grant = sale.grant(hold, holder, seats, 0)
        group, most = self._limit(asked, sale)
        wish = Wish(
            hold,
            holder,
            group,
            seats,
            most,
            self._terms.duration_ms,
            self._terms.cap_ms,
            asked.hold is None,
            encode_note(in_words(asked.choice), grant),
        )
        outcome = await self._rebuilding.answered(
            asked.event,
            lambda: self._store.hold(event=asked.event, chart=sale.event.chart, wish=wish),
        )
        if type(outcome) is Held:
            _given()
            _HELD.inc()
            self._changed(asked.event, outcome.version)
            grant = msgspec.structs.replace(grant, expires_at_ms=outcome.expires_ms)
            return Granted(grant, sign_hold(self._keys, grant), False, outcome.now_ms, sale)
        return self._not_new(asked, sale, wish, outcome)

    def _limit(self, asked: Asked, sale: Sale) -> tuple[str, int]:
        # Whose seats are counted together with these, and how many they may be.
        own, of_guests = sale.event.seats_at_once_max(), self._terms.guest_seats_max
        if asked.principal is not None:
            return buyer_group(asked.principal), own
        if not of_guests:
            return "", own
        return address_group(self._keys, asked.event, asked.address), max(own, of_guests)

    def _not_new(self, asked: Asked, sale: Sale, wish: Wish, outcome: HoldOutcome) -> Granted:
        match outcome:
            case Known():
                return self._repeated(asked, sale, wish, outcome)
            case Taken():
                _TAKEN.inc()
                names = [sale.chart.seat_id(seat) for seat in outcome.seats]
                raise SeatsTaken("Somebody was faster.", seats=names)
            case OverLimit() if asked.principal is None:
                _FROM_HERE.inc()
                raise TooManySeatsFromHere(
                    f"{outcome.seats} seats of this event are held from your network address,"
                    f" and may be {wish.seats_max} in all. Log in, or try again in some minutes."
                )
            case OverLimit():
                _LIMIT.inc()
                raise TooManySeats(
                    f"You hold {outcome.seats} seats of this event already,"
                    f" and may hold {wish.seats_max} in all."
                )
            case _:
                raise _Renumbered

    def _repeated(self, asked: Asked, sale: Sale, wish: Wish, found: Known) -> Granted:
        if found.holder != wish.holder:
            raise HoldNotFound("There is no such hold.")
        words = in_words(asked.choice)
        same = decode_note(found.note).wish == words if words and found.note else not words
        if not same or (not words and found.seats != wish.seats):
            detail = "This hold id was used for other seats. Use a new one."
            raise HoldMismatch((Problem("/hold_id", HoldMismatch.code, detail),))
        _REPEATED.inc()
        return self._granted(sale, wish.hold, found)

    async def _newest(self, event: EventId, sale: Sale) -> Sale:
        # The organiser has published another chart version: either we have not heard of it yet,
        # or Valkey still counts by the old one.
        newest = await self._sales.fresh(event)
        if newest.event.chart == sale.event.chart:
            await self._rebuilding.again(event, force=False)
        return newest

    def _granted(self, sale: Sale, hold: HoldId, found: Known) -> Granted:
        if found.note:
            grant = decode_note(found.note).grant
            grant = msgspec.structs.replace(grant, expires_at_ms=found.expires_ms)
        else:
            # A claim that came back from orders: its prices are in the order. It may be pinned
            # without an end; the promise of today's prices is no longer than any hold's.
            expires_ms = min(found.expires_ms, found.now_ms + self._terms.cap_ms)
            grant = sale.grant(hold, found.holder, found.seats, expires_ms)
        return Granted(grant, sign_hold(self._keys, grant), found.extended, found.now_ms, sale)


def _holder(principal: str | None, hold: HoldId) -> str:
    return principal or guest(hold)
