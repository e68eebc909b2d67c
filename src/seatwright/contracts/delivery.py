"""
What the rest of the platform needs of delivery: addresses of papers, and letters to send.

A paper is fetched with a plain link that a phone can open, so its right travels in the link: a
grant, signed, good for minutes, for one ticket or for all tickets of one order.
"""

from datetime import datetime, timedelta
from typing import Any, NewType

import msgspec

from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import OrderCode, OrderId, TicketId
from seatwright.kit import errors, signing

PaperGrant = NewType("PaperGrant", str)

GRANT_PURPOSE = "paper-grant/1"
# Long enough for an order page left open on the way to the printer, short enough that a link
# in a browser's history opens nothing.
GRANT_LIFETIME = timedelta(minutes=30)

# What happened waits here for outgoing webhooks; the payload is a `Happened` in JSON.
SUBJECT_HAPPENED = "work.happened"
# Letters of other services wait here; the payload is a `Letter` in JSON.
SUBJECT_MAIL = "work.mail"


class GrantExpired(errors.Gone):
    """The link was good and has run out; the order page has a new one."""

    code = "grant_expired"
    title = "This link has run out"


class Grant(msgspec.Struct, frozen=True, array_like=True):
    """
    The right to one paper.

    `ticket` None means all tickets of the order. `seq` is that of the ticket when the grant
    was made (0 for an order): a ticket with a newer code is not this one any more.
    """

    event: EventId
    order: OrderId
    ticket: TicketId | None
    seq: int
    expires_at_ms: int


class Letter(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="mail"):
    """
    A mail without papers.

    `template` names a text of delivery's; `values` fill it: `link` is the address behind its
    button, `name` the addressee, `code` the order it is about, if any, as it is shown. The
    message's id on the queue is the letter's identity.
    """

    template: str
    to: str
    language: str
    values: dict[str, str]


class Happened(msgspec.Struct, frozen=True, kw_only=True, tag_field="what", tag="happened"):
    """
    What an organisation's own systems may want to hear of, through the queue.

    `kind` is one of outgoing webhooks' (`order.paid`, …), `key` tells facts of a kind apart: told
    twice, it is one. `data` is sent as it is, beside the event's id; no secret belongs in it.
    """

    kind: str
    event: EventId
    key: str
    at: datetime
    data: dict[str, Any]


class TicketPaths(msgspec.Struct, frozen=True, kw_only=True):
    """Where a ticket's papers are, as full addresses."""

    pdf_url: str
    png_url: str
    ics_url: str
    pkpass_url: str
    google_wallet_url: str


def grant_for(
    *, event: EventId, order: OrderId, now: datetime, ticket: TicketId | None = None, seq: int = 0
) -> Grant:
    """A grant that begins now."""
    until = now + GRANT_LIFETIME
    return Grant(event, order, ticket, seq, int(until.timestamp() * 1000))


def sign_grant(keys: signing.Keyring, grant: Grant) -> PaperGrant:
    """The grant as it stands in a link."""
    return PaperGrant(signing.seal(keys.key(GRANT_PURPOSE), grant))


def read_grant(keys: signing.Keyring, text: str) -> Grant:
    """The grant in a link; raises `BadToken`. Expiry is the reader's to judge."""
    return signing.unseal(keys.key(GRANT_PURPOSE), text, Grant)


def ticket_paths(public: str, ticket: TicketId, grant: PaperGrant) -> TicketPaths:
    """Addresses of one ticket's papers; `public` is the installation's, without a last slash."""
    stem = f"{public}/v1/tickets/{ticket}"
    return TicketPaths(
        pdf_url=f"{stem}.pdf?grant={grant}",
        png_url=f"{stem}.png?grant={grant}",
        ics_url=f"{stem}.ics?grant={grant}",
        pkpass_url=f"{stem}.pkpass?grant={grant}",
        google_wallet_url=f"{stem}/google-wallet?grant={grant}",
    )


def order_pdf_url(public: str, code: OrderCode, grant: PaperGrant) -> str:
    """Address of the one PDF with every ticket of an order."""
    return f"{public}/v1/orders/{code}/tickets.pdf?grant={grant}"
