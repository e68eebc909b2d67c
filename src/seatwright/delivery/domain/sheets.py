"""
What stands on the tickets of one order: every string as it is printed.

The structs are the JSON that the template reads; it adds nothing but layout. Strings of people
went through `text.one_line` and `text.on_paper`, so the template may set them as they are.
"""

import re
from collections.abc import Sequence

import msgspec

from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.orders import IssuedTicket, OrderPapers
from seatwright.delivery.domain import colors, text, wording
from seatwright.delivery.domain.words import Note, Words

_COLOR = re.compile(r"^#[0-9a-fA-F]{6}$")
_COLOR_DEFAULT = "#444b57"
_PLACE_CHARS_MAX = 60
_NAME_CHARS_MAX = 90
# One line of small capitals beside the ticket's number.
_ORGANISER_CHARS_MAX = 34
# The section's box is wider: its name is a phrase, row and seat are a number.
_SHARE_SECTION = 2.0
_SHARE_NUMBER = 1.0


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A labelled box of the ticket; `share` is its part of the line's width."""

    name: str
    value: str
    share: float


class NotePrinted(msgspec.Struct, frozen=True, kw_only=True):
    """An advice below the ticket."""

    title: str
    text: str


class Labels(msgspec.Struct, frozen=True, kw_only=True):
    """The printed words of the language."""

    date: str
    venue: str
    order: str
    name: str
    category: str
    price: str
    code_alt: str
    moving_title: str
    moving_text: str
    terms: str


class EventPrinted(msgspec.Struct, frozen=True, kw_only=True):
    """The event, the same on every page."""

    organiser: str
    accent: str
    accent_ink: str
    title: str
    date: str
    time: str
    doors: str
    zone: str
    venue: str
    address: list[str]


class TicketPrinted(msgspec.Struct, frozen=True, kw_only=True):
    """One page; `code_svg` is the code's picture with its quiet zone, empty where it moves."""

    id: str
    position: str
    places: list[Place]
    name: str
    category: str
    color: str
    price: str
    code_svg: str


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """All pages of one order."""

    language: str
    title: str
    order_code: str
    labels: Labels
    event: EventPrinted
    notes: list[NotePrinted]
    tickets: list[TicketPrinted]


def sheet(
    papers: OrderPapers,
    event: EventForSale,
    tickets: Sequence[tuple[IssuedTicket, str]],
    words: Words,
) -> Sheet:
    """The sheet of `tickets`, each with its code's picture; numbered within the whole order."""
    numbers = {ticket.id: number for number, ticket in enumerate(papers.tickets, 1)}
    code = wording.dashed(papers.code)
    return Sheet(
        language=words.language,
        title=words.tickets_title.format(code=code),
        order_code=code,
        labels=_labels(words),
        event=_event(event, words),
        notes=_notes(event, words),
        tickets=[
            _ticket(papers, event, ticket, (numbers[ticket.id], picture), words)
            for ticket, picture in tickets
        ],
    )


def _notes(event: EventForSale, words: Words) -> list[NotePrinted]:
    gate, order, printing = words.notes
    if event.moving_codes:
        gate = Note(words.moving_title, words.moving_text)
    return [NotePrinted(title=note.title, text=note.text) for note in (gate, order, printing)]


def _labels(words: Words) -> Labels:
    return Labels(
        date=words.date,
        venue=words.venue,
        order=words.order,
        name=words.name,
        category=words.category,
        price=words.price,
        code_alt=words.code_alt,
        moving_title=words.moving_title,
        moving_text=words.moving_text,
        terms=words.terms,
    )


def _event(event: EventForSale, words: Words) -> EventPrinted:
    times = wording.when(event, words)
    accent = colors.sound(event.accent)
    return EventPrinted(
        accent=accent,
        accent_ink=colors.ink_on(accent),
        organiser=text.on_paper(text.one_line(event.organisation_name, _ORGANISER_CHARS_MAX)),
        title=text.on_paper(text.one_line(event.title, wording.TITLE_CHARS_MAX)),
        date=times.date,
        time=times.time,
        doors=times.doors,
        zone=times.zone,
        venue=text.on_paper(text.one_line(event.venue_name, wording.VENUE_CHARS_MAX)),
        address=[text.on_paper(line) for line in wording.address(event, words) if line],
    )


def _ticket(
    papers: OrderPapers,
    event: EventForSale,
    ticket: IssuedTicket,
    numbered: tuple[int, str],
    words: Words,
) -> TicketPrinted:
    number, picture = numbered
    category = next(
        (c for c in event.categories if ticket.category in {c.key, c.name}),
        None,
    )
    color = category.color if category else ""
    return TicketPrinted(
        id=ticket.id,
        position=words.position.format(number=number, count=len(papers.tickets)),
        places=places(ticket, words),
        name=text.on_paper(text.one_line(ticket.attendee or papers.buyer_name, _NAME_CHARS_MAX)),
        category=text.on_paper(
            text.one_line(category.name if category else ticket.category, _PLACE_CHARS_MAX)
        ),
        color=color if _COLOR.match(color) else _COLOR_DEFAULT,
        price=wording.amount(ticket.price, papers.currency, words),
        code_svg=picture,
    )


def places(ticket: IssuedTicket, words: Words) -> list[Place]:
    """
    The boxes that lead to the seat: section, row, seat; those the seat does not have are left out.

    A place of a standing area or at a table has no row, so its number is a place, not a seat.
    """
    seat_name = words.seat if ticket.row else words.place
    asked = (
        (words.section, ticket.section, _SHARE_SECTION),
        (words.row, ticket.row, _SHARE_NUMBER),
        (seat_name, ticket.seat_label, _SHARE_NUMBER),
    )
    found = [
        Place(name=name, value=text.on_paper(printed), share=share)
        for name, value, share in asked
        if (printed := text.one_line(value, _PLACE_CHARS_MAX))
    ]
    if found:
        return found
    whole = text.one_line(ticket.label, _PLACE_CHARS_MAX) or "-"
    return [Place(name=words.place, value=text.on_paper(whole), share=_SHARE_SECTION)]
