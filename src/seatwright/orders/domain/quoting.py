"""Turning a hold's grant into a frozen quote."""

from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.charts import PublishedChart
from seatwright.contracts.reservations import HoldGrant
from seatwright.orders.domain.order import Quote, QuotedSeat


def quote(grant: HoldGrant, event: EventForSale, chart: PublishedChart) -> Quote:
    """
    The lines of an order: seats ascending, labels as the chart has them, prices as held.

    The prices are the hold token's, whatever the event's document says by now.
    """
    lines = []
    for held in sorted(grant.seats, key=lambda one: one.seat):
        place = chart.place(held.seat)
        category = event.categories[held.category]
        lines.append(
            QuotedSeat(
                held.seat,
                place.id,
                place.label,
                place.section,
                place.row,
                place.seat,
                category.key,
                category.name,
                held.price,
                held.tax,
            )
        )
    return Quote(grant.currency, tuple(lines), grant.order_fee, grant.order_fee_tax)
