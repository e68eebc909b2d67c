"""A token is what we made, bit for bit, for the one purpose it was made for."""

import base64

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from hypothesis import given, settings, strategies as st

from seatwright.kit import signing
from seatwright.kit.signing import BadToken, Keyring, b64, seal, unb64, unseal


class Content(msgspec.Struct, frozen=True, array_like=True):
    who: str
    what: str
    until: int = 0


class Other(msgspec.Struct, frozen=True, array_like=True):
    number: int


KEYS = Keyring(b"k" * 32)
KEY = KEYS.key("test/1")
CONTENT = Content("ada", "A:1:2", 7)


def test_what_was_sealed_comes_back():
    assert unseal(KEY, seal(KEY, CONTENT), Content) == CONTENT


def test_every_flipped_bit_is_noticed():
    raw = unb64(seal(KEY, CONTENT))
    for bit in range(len(raw) * 8):
        flipped = bytearray(raw)
        flipped[bit // 8] ^= 1 << (bit % 8)
        with pytest.raises(BadToken):
            unseal(KEY, b64(bytes(flipped)), Content)


def test_every_shorter_and_longer_token_is_refused():
    raw = unb64(seal(KEY, CONTENT))
    for end in range(len(raw)):
        with pytest.raises(BadToken):
            unseal(KEY, b64(raw[:end]), Content)
    for more in (raw + b"\x00", b"\x00" + raw, raw + raw):
        with pytest.raises(BadToken):
            unseal(KEY, b64(more), Content)


def test_one_token_has_one_spelling():
    text = seal(KEY, CONTENT)
    standard = base64.b64encode(unb64(text)).decode()
    last = text[-1]
    for bad in (text + "=", text + "==", " " + text, text + "\n", standard + "=", text + last):
        with pytest.raises(BadToken):
            unseal(KEY, bad, Content)
    spellings = []
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        try:
            unseal(KEY, text[:-1] + last, Content)
        except BadToken:
            continue
        spellings.append(text[:-1] + last)
    assert spellings == [text]


@pytest.mark.parametrize("text", ["", "A", "ä", "\ud800", "a b", "%%%", "A" * 100_000, "+/+/"])
def test_any_text_may_be_given(text):
    with pytest.raises(BadToken):
        unseal(KEY, text, Content)


def test_a_token_for_another_purpose_installation_or_type_is_refused():
    text = seal(KEY, CONTENT)
    for key in (KEYS.key("test/2"), Keyring(b"o" * 32).key("test/1")):
        with pytest.raises(BadToken):
            unseal(key, text, Content)
    with pytest.raises(BadToken):
        unseal(KEY, text, Other)


def test_fields_do_not_flow_into_each_other():
    # The classic ambiguity: "ab" + "c" and "a" + "bc" under one MAC of joined text.
    assert seal(KEY, Content("ab", "c")) != seal(KEY, Content("a", "bc"))
    assert signing.digest_hex("ab", "c") != signing.digest_hex("a", "bc")
    assert signing.digest_hex("1") != signing.digest_hex(1)
    assert signing.digest_hex(("a",), "b") != signing.digest_hex("a", "b")


@given(st.binary(max_size=64))
@settings(deadline=None)
def test_base64_is_its_own_inverse(raw):
    assert unb64(b64(raw)) == raw


@given(st.text(max_size=16))
@settings(deadline=None)
def test_no_text_has_two_values(text):
    try:
        raw = unb64(text)
    except ValueError:
        return
    assert b64(raw) == text


def test_keys_differ_by_purpose_and_are_the_same_every_time():
    assert KEYS.key("a/1") == KEYS.key("a/1") == Keyring(b"k" * 32).key("a/1")
    assert len({KEYS.key("a/1"), KEYS.key("a/2"), Keyring(b"j" * 32).key("a/1")}) == 3
    assert len(KEYS.key("a/1")) == 32
    with pytest.raises(AssertionError):
        Keyring(b"k" * 31)


def test_a_mac_matches_its_message_and_purpose_only():
    mac = KEYS.mac("order-secret/1", "o1")
    assert KEYS.mac_matches("order-secret/1", "o1", mac)
    assert len(unb64(mac)) == 24
    for bad in ("", mac[:-1], mac + "A", mac.swapcase(), "ä", "\ud800", "x" * 10_000):
        assert not KEYS.mac_matches("order-secret/1", "o1", bad)
    assert not KEYS.mac_matches("order-secret/1", "o2", mac)
    assert not KEYS.mac_matches("order-secret/2", "o1", mac)


def test_signing_keys_are_derived_and_verify():
    key = KEYS.ed25519("ticket-code/1/1/e1")
    assert key is KEYS.ed25519("ticket-code/1/1/e1"), "kept, as deriving one takes a while"
    public = key.public_key()
    public.verify(key.sign(b"x"), b"x")
    other = KEYS.ed25519("ticket-code/1/1/e2")
    with pytest.raises(InvalidSignature):
        public.verify(other.sign(b"x"), b"x")
    assert len(signing.public_bytes(public)) == 32
    assert signing.public_bytes(public) != signing.public_bytes(other.public_key())


def test_a_fingerprint_tells_requests_apart():
    assert signing.fingerprint(b"a") == signing.fingerprint(b"a")
    assert signing.fingerprint(b"a") != signing.fingerprint(b"a ")
    assert len(signing.fingerprint(b"")) == 32
