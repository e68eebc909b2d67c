"""A gate takes the codes we issued for its event, to the last bit, and no others."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from seatwright.contracts import ticket_codes
from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import IssuedTicket, OrderId, TicketId
from seatwright.contracts.reservations import Seat
from seatwright.contracts.ticket_codes import BadTicketCode, TicketCode
from seatwright.kit import signing
from seatwright.kit.signing import Keyring

KEYS = Keyring(b"k" * 32)
EVENT = EventId("01k854v45hsppi4s")
ENDS = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
TICKET = IssuedTicket(
    id=TicketId("01k854v45hsppi4sbsvo01k854v45h"),
    event=EVENT,
    order=OrderId("o1"),
    seat=Seat(69_999),
    seq=1,
    status="valid",
    label="Block L12 · Row 4 · Seat 7",
    section="L12",
    row="4",
    seat_label="7",
    category="cat1",
    price=5000,
    attendee="Ada",
    released=True,
)


def public(event: EventId = EVENT, keys: Keyring = KEYS, key_id: int = ticket_codes.KEY_ID):
    return keys.ed25519(ticket_codes.purpose(event, key_id)).public_key()


def code(**changes) -> str:
    return ticket_codes.sign(
        KEYS, msgspec.structs.replace(ticket_codes.of(TICKET, ends_at=ENDS), **changes)
    )


def test_a_code_says_what_its_ticket_is_and_until_when():
    content = ticket_codes.verify(public(), code())
    assert content == TicketCode(
        EVENT, TICKET.id, 69_999, 1, ticket_codes.KEY_ID, content.not_after
    )
    assert content.not_after == int((ENDS + timedelta(days=1)).timestamp())
    assert content.key_id in ticket_codes.KEY_IDS


def test_whoever_shows_a_ticket_shows_the_same_code():
    issued = ticket_codes.issue(
        KEYS, event=EVENT, ends_at=ENDS, ticket=TICKET.id, seat=TICKET.seat, seq=TICKET.seq
    )
    assert issued == code() == code()


def test_a_code_fits_into_a_small_qr():
    assert len(code()) < 220


def test_every_flipped_bit_is_noticed():
    raw = signing.unb64(code().removeprefix(ticket_codes.PREFIX))
    for bit in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(BadTicketCode):
            ticket_codes.verify(public(), ticket_codes.PREFIX + signing.b64(bytes(flipped)))


def test_every_truncation_and_extension_is_refused():
    text = code()
    for end in range(len(text)):
        with pytest.raises(BadTicketCode):
            ticket_codes.verify(public(), text[:end])
    for more in ("A", "AAAA", "=", " ", "\n"):
        with pytest.raises(BadTicketCode):
            ticket_codes.verify(public(), text + more)


@pytest.mark.parametrize(
    "text", ["", "SW1.", "SW2.", "sw1." + "A" * 100, "SW1." + "A" * 600, "SW1.ü", "SW1.\ud800", "x"]
)
def test_what_is_no_code_is_refused(text):
    with pytest.raises(BadTicketCode):
        ticket_codes.read(text)


def test_another_events_installations_or_generations_key_opens_nothing():
    for key in (
        public(EventId("01k854v45hsppi4t")),
        public(keys=Keyring(b"o" * 32)),
        public(key_id=ticket_codes.KEY_ID + 1),
    ):
        with pytest.raises(BadTicketCode):
            ticket_codes.verify(key, code())


def test_purposes_do_not_run_into_each_other():
    assert ticket_codes.purpose(EventId("1/e"), 1) != ticket_codes.purpose(EventId("e"), 11)


def test_a_signature_covers_the_domain_so_that_no_other_signature_is_a_code():
    body = msgspec.msgpack.encode(ticket_codes.of(TICKET, ends_at=ENDS))
    key = KEYS.ed25519(ticket_codes.purpose(EVENT, ticket_codes.KEY_ID))
    bare = ticket_codes.PREFIX + signing.b64(body + key.sign(body))
    with pytest.raises(BadTicketCode):
        ticket_codes.verify(public(), bare)


def test_one_content_has_one_spelling_even_when_it_is_signed():
    # The same values in a longer encoding, or with more behind them, signed with the right key.
    key = KEYS.ed25519(ticket_codes.purpose(EVENT, ticket_codes.KEY_ID))
    content = ticket_codes.of(TICKET, ends_at=ENDS)
    values = list(msgspec.structs.astuple(content))
    body = msgspec.msgpack.encode(values)
    long = b"\xdc\x00\x06" + body[1:]  # array 16 instead of a fixed one
    assert msgspec.msgpack.decode(long, type=TicketCode) == content
    for other in (long, msgspec.msgpack.encode([*values, 1])):
        text = ticket_codes.PREFIX + signing.b64(other + key.sign(ticket_codes.DOMAIN + other))
        with pytest.raises(BadTicketCode):
            ticket_codes.verify(public(), text)


def test_a_new_code_of_a_ticket_differs_from_the_old_one():
    assert code(seq=2) != code(seq=1)
    assert ticket_codes.verify(public(), code(seq=2)).seq == 2


@given(st.text(max_size=200))
@settings(deadline=None)
def test_no_text_is_more_than_refused(text):
    for candidate in (text, ticket_codes.PREFIX + text):
        with pytest.raises(BadTicketCode):
            ticket_codes.verify(public(), candidate)
