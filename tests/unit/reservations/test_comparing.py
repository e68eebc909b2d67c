"""What differs between orders and Valkey, as an obvious loop would say it."""

from hypothesis import given, strategies as st

from seatwright.contracts.charts import SeatState
from seatwright.contracts.orders import LiveClaim, SeatMap
from seatwright.contracts.reservations import HoldId, Seat
from seatwright.reservations.domain.comparing import differences, lasting

SEATS = 30
TRUTHS = ("free", "claimed", "sold", "blocked")


def seat_map(truth: list[str]) -> SeatMap:
    def which(word: str) -> list[Seat]:
        return [Seat(seat) for seat, is_word in enumerate(truth) if is_word == word]

    claims = [LiveClaim(HoldId("h"), "x", which("claimed"), None)]
    # Seats beyond the chart are somebody else's trouble.
    sold = [*which("sold"), Seat(SEATS), Seat(SEATS + 7)]
    return SeatMap(seat_count=SEATS, sold=sold, blocked=which("blocked"), claimed=claims)


def obviously(truth: str, shown: int) -> SeatState | None:
    if truth == "free":
        return SeatState.FREE if shown in {2, 3} else None
    wanted = {"claimed": SeatState.HELD, "sold": SeatState.SOLD, "blocked": SeatState.BLOCKED}
    return None if shown == wanted[truth] else wanted[truth]


@given(
    truth=st.lists(st.sampled_from(TRUTHS), min_size=SEATS, max_size=SEATS),
    shown=st.binary(min_size=SEATS, max_size=SEATS).map(lambda raw: bytes(b & 3 for b in raw)),
    changed=st.sets(st.integers(0, SEATS - 1), max_size=5),
)
def test_every_difference_and_nothing_else(
    truth: list[str], shown: bytes, changed: set[int]
) -> None:
    expected = {
        seat: wanted
        for seat in range(SEATS)
        if (wanted := obviously(truth[seat], shown[seat])) is not None and seat not in changed
    }
    assert differences(seat_map(truth), shown, changed) == expected


def test_only_what_stays_wrong_in_the_same_way_lasts() -> None:
    before = {1: SeatState.SOLD, 2: SeatState.FREE, 3: SeatState.HELD}
    now = {1: SeatState.SOLD, 2: SeatState.SOLD, 4: SeatState.FREE}
    assert lasting(before, now) == {1: SeatState.SOLD}
