"""A code that moves: made by a phone, judged by a gate, worthless as a picture."""

import hmac
import struct
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given, strategies as st

from seatwright.contracts import moving_codes, ticket_codes
from seatwright.contracts.moving_codes import OFFLINE, ONLINE, STEP, Window
from seatwright.contracts.ticket_codes import BadTicketCode
from seatwright.kit import signing
from seatwright.kit.signing import Keyring
from tests.fakes.sold import a_ticket, an_event

KEYS = Keyring(b"k" * 32)
EVENT = an_event()
TICKET = a_ticket(EVENT)
CONTENT = ticket_codes.of(TICKET, ends_at=EVENT.ends_at)
NOON = datetime(2031, 8, 14, 12, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)


def code(at: datetime = NOON, **changes: object) -> str:
    content = msgspec.structs.replace(CONTENT, **changes)
    return moving_codes.shown(moving_codes.moving(KEYS, content), at)


def test_what_a_phone_shows_is_verified_and_says_when() -> None:
    content, step = moving_codes.verify(KEYS, code())
    assert content == CONTENT
    assert step == moving_codes.step_at(NOON)


def test_the_recipe_that_phones_and_gates_follow_is_the_one_that_is_written_down() -> None:
    given = moving_codes.moving(KEYS, CONTENT)
    step = struct.pack(">I", int(NOON.timestamp()) // given.step_s)
    proof = hmac.digest(signing.unb64(given.seed), step, "sha256")[:8]
    assert f"{given.stem}.{signing.b64(step + proof)}" == code()
    own = msgspec.msgpack.encode([TICKET.id, TICKET.seq])
    key = moving_codes.event_key(KEYS, EVENT.id)
    assert signing.b64(hmac.digest(key, own, "sha256")) == given.seed


@pytest.mark.parametrize("window", [ONLINE, OFFLINE])
def test_the_window_ends_where_it_says_to_the_moment(window: Window) -> None:
    step = moving_codes.step_at(NOON)
    first = NOON - window.ahead * STEP
    last = NOON + (window.past + 1) * STEP - MOMENT
    assert moving_codes.judge(step, first - MOMENT, window) == "early"
    assert moving_codes.judge(step, first, window) is None
    assert moving_codes.judge(step, last, window) is None
    assert moving_codes.judge(step, last + MOMENT, window) == "late"


def test_steps_change_on_the_multiple_and_not_before() -> None:
    assert moving_codes.step_at(NOON + STEP - MOMENT) == moving_codes.step_at(NOON)
    assert moving_codes.step_at(NOON + STEP) == moving_codes.step_at(NOON) + 1
    assert code(NOON) == code(NOON + STEP - MOMENT)
    assert code(NOON) != code(NOON + STEP)


def test_nobody_makes_one_of_the_other_kind_or_of_another_ticket() -> None:
    stands = ticket_codes.sign(KEYS, CONTENT)
    stem, _, moment = code().removeprefix("SW2.").partition(".")
    another = code(ticket="other").removeprefix("SW2.").partition(".")[0]
    newer = code(seq=CONTENT.seq + 1).removeprefix("SW2.").partition(".")[0]
    foreign = moving_codes.moving(Keyring(b"x" * 32), CONTENT)
    for forged in (
        f"SW2.{stands.removeprefix('SW1.')}.{moment}",
        f"SW2.{another}.{moment}",
        f"SW2.{newer}.{moment}",
        moving_codes.shown(foreign, NOON),
        f"SW2.{stem}.{signing.b64(bytes(12))}",
    ):
        with pytest.raises(BadTicketCode):
            moving_codes.verify(KEYS, forged)
    public = KEYS.ed25519(ticket_codes.purpose(EVENT.id, 1)).public_key()
    with pytest.raises(BadTicketCode):
        ticket_codes.verify(public, f"SW1.{stem}")


@given(st.text(max_size=80) | st.binary(max_size=60).map(signing.b64))
def test_any_text_is_judged_and_nothing_else_happens(text: str) -> None:
    for typed in (text, f"SW2.{text}", f"SW2.{text}.{text}", f"{code()}{text}" if text else "SW2."):
        with pytest.raises(BadTicketCode):
            moving_codes.verify(KEYS, typed)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_one_changed_byte_spoils_it(position: int, byte: int) -> None:
    good = code().encode()
    at = position % len(good)
    bad = (good[:at] + bytes([byte]) + good[at + 1 :]).decode("latin-1")
    if bad.encode("latin-1") == good:
        return
    with pytest.raises(BadTicketCode):
        moving_codes.verify(KEYS, bad)


def test_all_codes_of_a_ticket_are_one_ticket_to_a_gate() -> None:
    assert moving_codes.without_moment(code()) == moving_codes.without_moment(code(NOON + STEP))
    stands = ticket_codes.sign(KEYS, CONTENT)
    assert moving_codes.without_moment(stands) == stands


def test_pages_make_the_very_same() -> None:
    # The same as in web/shared/src/moving.test.ts.
    given_seed = moving_codes.Moving(
        stem="SW2.c3RlbQ", seed=signing.b64(bytes(range(32))), step_s=15
    )
    assert moving_codes.shown(given_seed, NOON) == "SW2.c3RlbQ.B7oFwK9eTvxaWwUg"
    assert moving_codes.shown(given_seed, NOON + STEP) == "SW2.c3RlbQ.B7oFwXSUmihrR-4f"
