"""An order as the API shows it."""

from typing import Annotated, Literal

import msgspec

from seatwright.contracts import moving_codes, ticket_codes
from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.delivery import grant_for, order_pdf_url, sign_grant, ticket_paths
from seatwright.contracts.moving_codes import Moving
from seatwright.kit import clock
from seatwright.kit.signing import Keyring
from seatwright.orders.domain import codes
from seatwright.orders.domain.order import Answer, Order, QuotedSeat
from seatwright.orders.domain.presenting import public_state
from seatwright.orders.reading.store import TicketRow

PublicState = Literal["awaiting_payment", "payment_in_doubt", "paid", "expired", "cancelled"]


class MoneyView(msgspec.Struct, frozen=True):
    """An amount in minor units of its currency."""

    amount: Annotated[int, msgspec.Meta(examples=[4250])]
    currency: Annotated[str, msgspec.Meta(examples=["EUR"])]


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """The event an order is for."""

    id: str
    slug: str
    title: str
    starts_at: str
    timezone: str
    venue: str
    city: str


class BuyerView(msgspec.Struct, frozen=True, kw_only=True):
    """Who bought."""

    name: str
    email: str


class SeatView(msgspec.Struct, frozen=True, kw_only=True):
    """A seat of an order with its all-in price."""

    id: str
    label: str
    category: str
    price: MoneyView


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """Seats of one price, or a fee."""

    label: str
    quantity: int
    unit: MoneyView
    amount: MoneyView


class QuoteView(msgspec.Struct, frozen=True, kw_only=True):
    """The frozen price; `tax` is the tax in `total`, `fees` the order's fee."""

    lines: list[LineView]
    fees: MoneyView
    tax: MoneyView
    total: MoneyView


class NextActionView(msgspec.Struct, frozen=True, kw_only=True):
    """Where the buyer has to go now, in the browser's own window."""

    type: Literal["redirect"]
    url: str


class PaymentView(msgspec.Struct, frozen=True, kw_only=True):
    """The newest attempt to pay."""

    status: str
    method: str
    next_action: NextActionView | None
    decline_code: str | None


class Wallets(msgspec.Struct, frozen=True):
    """Which phones' wallets this installation makes passes for."""

    apple: bool = False
    google: bool = False


class TicketView(msgspec.Struct, frozen=True, kw_only=True):
    """
    A ticket; `code` and the addresses are there once the money has been captured.

    Where the event's codes move, `code` is the one of this moment and `moving` makes the next.
    """

    id: str
    status: str
    seat: str
    label: str
    attendee: str
    code: str | None
    pdf_url: str | None
    png_url: str | None
    ics_url: str | None
    pkpass_url: str | None = None
    google_wallet_url: str | None = None
    moving: Moving | None = None


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """An order; `secret` only in the answer that made it."""

    code: Annotated[str, msgspec.Meta(examples=["KX7-QM3-9PA"])]
    status: PublicState
    event: EventView | None
    buyer: BuyerView
    seats: list[SeatView]
    quote: QuoteView
    created_at: str
    expires_at: str
    server_time: str
    payment: PaymentView | None
    tickets: list[TicketView]
    tickets_pdf_url: str | None = None
    secret: str | None = None


def order_view(
    order: Order,
    answer: Answer,
    event: EventForSale | None,
    tickets: list[TicketRow],
    keys: Keyring,
    *,
    secret: bool = False,
    gate_codes: bool = True,
    wallets: Wallets | None = None,
) -> OrderView:
    """
    Present `order` with the outcome in `answer` (its own, or the first request's).

    Without `gate_codes` nothing in it opens a gate: no text of a QR code, no paper's address.
    """
    now = clock.now()
    currency = order.quote.currency
    by_seat = {seat.seat: seat for seat in order.quote.seats}
    released = gate_codes and order.captured_at is not None and order.state == "paid"
    papers = None
    if released:
        everything = sign_grant(keys, grant_for(event=order.event, order=order.id, now=now))
        papers = order_pdf_url("", order.code, everything)
    return OrderView(
        code=codes.shown(order.code),
        secret=codes.secret(keys, order.id) if secret else None,
        status=public_state(answer.status),  # type: ignore[arg-type]
        event=None if event is None else _event(event),
        buyer=BuyerView(name=order.buyer.name, email=order.buyer.email),
        seats=[_seat(seat, currency) for seat in order.quote.seats],
        quote=_quote(order),
        created_at=clock.rfc3339(order.created_at),
        expires_at=clock.rfc3339(order.expires_at),
        server_time=clock.rfc3339(now),
        payment=_payment(answer),
        tickets=[
            ticket_view(
                order,
                ticket,
                by_seat[ticket.seat],
                event,
                keys,
                wallets=(wallets or Wallets()) if released else None,
            )
            for ticket in tickets
        ],
        tickets_pdf_url=papers,
    )


def ticket_view(
    order: Order,
    ticket: TicketRow,
    seat: QuotedSeat,
    event: EventForSale | None,
    keys: Keyring,
    *,
    wallets: Wallets | None,
) -> TicketView:
    """One ticket, with its code when it may be shown: when `wallets` says where else it goes."""
    if wallets is None or event is None or ticket.status not in {"valid", "used"}:
        return TicketView(
            id=ticket.id, status=ticket.status, seat=seat.id, label=seat.label,
            attendee=ticket.attendee, code=None, pdf_url=None, png_url=None, ics_url=None,
        )  # fmt: skip
    now = clock.now()
    grant = grant_for(event=order.event, order=order.id, now=now, ticket=ticket.id, seq=ticket.seq)
    paths = ticket_paths("", ticket.id, sign_grant(keys, grant))
    content = ticket_codes.of_ticket(
        event=order.event, ends_at=event.ends_at, ticket=ticket.id, seat=ticket.seat, seq=ticket.seq
    )
    moving = moving_codes.moving(keys, content) if event.moving_codes else None
    return TicketView(
        id=ticket.id, status=ticket.status, seat=seat.id, label=seat.label,
        attendee=ticket.attendee, pdf_url=paths.pdf_url, ics_url=paths.ics_url,
        code=moving_codes.shown(moving, now) if moving else ticket_codes.sign(keys, content),
        # A picture stands still.
        png_url=None if moving else paths.png_url,
        pkpass_url=paths.pkpass_url if wallets.apple else None,
        google_wallet_url=paths.google_wallet_url if wallets.google else None,
        moving=moving,
    )  # fmt: skip


def _event(event: EventForSale) -> EventView:
    return EventView(
        id=event.id, slug=event.slug, title=event.title,
        starts_at=clock.rfc3339(event.starts_at), timezone=event.timezone,
        venue=event.venue_name, city=event.venue_city,
    )  # fmt: skip


def _seat(seat: QuotedSeat, currency: str) -> SeatView:
    return SeatView(
        id=seat.id, label=seat.label, category=seat.category,
        price=MoneyView(seat.price, currency),
    )  # fmt: skip


def _quote(order: Order) -> QuoteView:
    quote = order.quote
    currency = quote.currency
    groups: dict[tuple[str, int], int] = {}
    for seat in quote.seats:
        group = (seat.category_name, seat.price)
        groups[group] = groups.get(group, 0) + 1
    lines = [
        LineView(
            label=name, quantity=count, unit=MoneyView(price, currency),
            amount=MoneyView(price * count, currency),
        )
        for (name, price), count in groups.items()
    ]  # fmt: skip
    return QuoteView(
        lines=lines,
        fees=MoneyView(quote.order_fee, currency),
        tax=MoneyView(quote.tax(), currency),
        total=MoneyView(quote.total(), currency),
    )


def _payment(answer: Answer) -> PaymentView | None:
    if answer.payment_status is None or answer.method is None:
        return None
    url = answer.challenge_url
    return PaymentView(
        status=answer.payment_status,
        method=answer.method,
        next_action=None if url is None else NextActionView(type="redirect", url=url),
        decline_code=answer.decline_code,
    )
