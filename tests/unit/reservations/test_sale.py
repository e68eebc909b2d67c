"""Whether, which and at what price."""

from datetime import UTC, datetime, timedelta

import pytest

from seatwright.contracts.reservations import HoldId
from seatwright.kit.errors import Expected, Invalid
from seatwright.reservations.domain.refusals import (
    EventCancelled,
    NotOnSale,
    SaleEnded,
    SalePaused,
)
from seatwright.reservations.domain.sale import Sale
from tests.fakes.selling import event_for_sale, small_chart

CHART = small_chart()
OPENS = datetime(2026, 5, 1, 10, tzinfo=UTC)
ENDS = OPENS + timedelta(days=1)


def ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


def sale(**changes: object) -> Sale:
    dates = {"on_sale_at": OPENS, "off_sale_at": ENDS}
    return Sale(event_for_sale("event1", CHART, **(dates | changes)), CHART)


@pytest.mark.parametrize(
    ("state", "at", "refusal"),
    [
        ("published", ms(OPENS) - 1, NotOnSale),
        ("published", ms(OPENS), None),
        ("published", ms(ENDS) - 1, None),
        ("published", ms(ENDS), SaleEnded),
        ("paused", ms(OPENS), SalePaused),
        ("paused", ms(ENDS), SaleEnded),
        ("cancelled", ms(OPENS), EventCancelled),
        ("cancelled", ms(ENDS), EventCancelled),
    ],
)
def test_the_sale_is_open_between_two_instants_and_only_when_published(
    state: str, at: int, refusal: type[Expected] | None
) -> None:
    if refusal is None:
        sale(state=state).require_open(at)
        return
    with pytest.raises(refusal):
        sale(state=state).require_open(at)


def test_seats_come_sorted_whatever_the_order_asked_in() -> None:
    assert sale().seats(("B:1:1", "A:1:2", "pitch:1")) == (1, 40, 84)


def test_every_unknown_seat_is_named_up_to_a_bound() -> None:
    with pytest.raises(Invalid) as refused:
        sale(seats_per_order_max=50).seats(("A:1:1", *("?" * n for n in range(1, 40))))
    assert [p.pointer for p in refused.value.problems] == [f"/seats/{n}" for n in range(1, 21)]


def test_no_more_at_once_than_a_buyer_may_have_in_all() -> None:
    with pytest.raises(Invalid) as refused:
        sale(seats_per_buyer_max=2).seats(("A:1:1", "A:1:2", "A:1:3"))
    assert refused.value.problems[0].code == "too_many_seats"
    assert sale(seats_per_buyer_max=2).seats(("A:1:1", "A:1:2")) == (0, 1)


def test_a_whole_table_is_all_or_nothing() -> None:
    table = [f"T1::{n}" for n in range(1, 5)]
    assert sale().seats(table) == (80, 81, 82, 83)
    assert len(sale().seats([*table, "A:1:1"])) == 5
    with pytest.raises(Invalid, match="as a whole"):
        sale().seats([*table[:3], "A:1:1"])


def test_a_grant_has_the_price_and_tax_of_each_seats_category() -> None:
    grant = sale().grant(HoldId("h" * 20), "hold:h", (0, 40), 5)
    assert [(s.seat, s.category, s.price) for s in grant.seats] == [(0, 0, 4500), (40, 1, 3000)]
    assert grant.total() == 7700
    assert grant.tax() == 4500 * 19 // 119 + 3000 * 19 // 119 + 32
    assert (grant.event, grant.document_version, grant.expires_at_ms) == ("event1", 1, 5)


def test_categories_up_to_a_price() -> None:
    assert sale().categories_up_to(3000) == {1}
    assert sale().categories_up_to(4500) == {0, 1}
    assert sale().categories_up_to(2999) == set()
