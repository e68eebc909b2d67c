"""
The code in a ticket's QR: signed, so that a gate can judge it without a network.

`SW1.` + base64url(content + signature). The content is a canonical msgpack array; the Ed25519
signature covers a domain prefix and the content. Each event has its own key, derived from the
master secret, so a gate that knows one event's public key can verify that event only.
"""

from datetime import datetime, timedelta

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import IssuedTicket, TicketId
from seatwright.kit import errors, signing

PREFIX = "SW1."
DOMAIN = b"seatwright ticket-code 1\x00"
_SIGNATURE_BYTES = 64
_CODE_CHARS_MAX = 512

# The key in use, and all that gates still accept: an old one stays until its events are over.
KEY_ID = 1
KEY_IDS = frozenset({KEY_ID})
# A concert that runs late, a festival's last night: after that, no gate is open.
GOOD_AFTER_END = timedelta(days=1)


class BadTicketCode(errors.Expected):
    """Not a code of ours: forged, damaged, or of another event."""

    code = "bad_ticket_code"
    title = "Not a valid ticket code"


class TicketCode(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """`seq` rises when a ticket gets a new code; `not_after` is in seconds since 1970."""

    event: EventId
    ticket: TicketId
    seat: int
    seq: int
    key_id: int
    not_after: int


def purpose(event: EventId, key_id: int) -> str:
    """The name of the key that signs an event's codes."""
    return f"ticket-code/1/{key_id}/{event}"


def of(ticket: IssuedTicket, *, ends_at: datetime) -> TicketCode:
    """What a ticket's code says; the same for everybody who shows or prints it."""
    return TicketCode(
        event=ticket.event,
        ticket=ticket.id,
        seat=ticket.seat,
        seq=ticket.seq,
        key_id=KEY_ID,
        not_after=_not_after(ends_at),
    )


def sign(keys: signing.Keyring, content: TicketCode) -> str:
    """The text that goes into the QR."""
    body = msgspec.msgpack.encode(content)
    key = keys.ed25519(purpose(content.event, content.key_id))
    return PREFIX + signing.b64(body + key.sign(DOMAIN + body))


def read(text: str) -> tuple[TicketCode, bytes, bytes]:
    """Content, signed bytes and signature of a code, unverified; raises `BadTicketCode`."""
    if not text.startswith(PREFIX) or len(text) > _CODE_CHARS_MAX:
        raise BadTicketCode("This is not a Seatwright ticket.")
    try:
        raw = signing.unb64(text[len(PREFIX) :])
        body, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
        content = msgspec.msgpack.decode(body, type=TicketCode)
    except (ValueError, msgspec.DecodeError):
        raise BadTicketCode("This ticket's code is damaged.") from None
    # One content has one spelling; anything else is an attempt.
    if msgspec.msgpack.encode(content) != body:
        raise BadTicketCode("This ticket's code is damaged.")
    return content, body, signature


def verify(key: Ed25519PublicKey, text: str) -> TicketCode:
    """The content, when `key` signed it; raises `BadTicketCode`."""
    content, body, signature = read(text)
    verify_signature(key, signature, DOMAIN + body)
    return content


def verify_signature(key: Ed25519PublicKey, signature: bytes, signed: bytes) -> None:
    """Raise `BadTicketCode` unless `key` signed it."""
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        raise BadTicketCode("This ticket was not issued here.") from None


def issue(
    keys: signing.Keyring,
    *,
    event: EventId,
    ends_at: datetime,
    ticket: TicketId,
    seat: int,
    seq: int,
) -> str:
    """The code of a ticket as it stands; the same every time it is asked for."""
    return sign(keys, of_ticket(event=event, ends_at=ends_at, ticket=ticket, seat=seat, seq=seq))


def of_ticket(
    *, event: EventId, ends_at: datetime, ticket: TicketId, seat: int, seq: int
) -> TicketCode:
    """What the code of a ticket says, from its parts."""
    return TicketCode(event, ticket, seat, seq, KEY_ID, _not_after(ends_at))


def _not_after(ends_at: datetime) -> int:
    return int((ends_at + GOOD_AFTER_END).timestamp())
