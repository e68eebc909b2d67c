"""A body is read as exactly what its handler declared, or refused with a pointer."""

import json
import time
from typing import Annotated, Any

import msgspec
import pytest
from hypothesis import given, settings, strategies as st

from seatwright.kit import limits
from seatwright.kit.errors import Invalid
from seatwright.kit.web import strict_json


class Seat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    row: str
    number: int


class Wish(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    event: Annotated[str, msgspec.Meta(min_length=1, max_length=10)]
    quantity: Annotated[int, msgspec.Meta(ge=1, le=8)]
    seats: list[Seat] = []
    ratio: float = 0.0
    agreed: bool = False
    notes: dict[str, str] = {}


WISH = msgspec.json.Decoder(Wish)
ANYTHING = msgspec.json.Decoder()
GOOD = {"event": "e", "quantity": 2}


def read(raw: bytes | str, decoder: Any = WISH) -> Any:
    return strict_json.decode(raw.encode() if isinstance(raw, str) else raw, decoder)


def refused(raw: bytes | str, decoder: Any = WISH) -> tuple[str, str]:
    with pytest.raises(Invalid) as caught:
        read(raw, decoder)
    (problem,) = caught.value.problems
    return problem.pointer, problem.code


def with_field(name: str, raw: str) -> str:
    fields = {k: json.dumps(v) for k, v in GOOD.items()} | {name: raw}
    return "{" + ",".join(f'"{k}":{v}' for k, v in fields.items()) + "}"


def test_a_good_body_is_read():
    wish = read(json.dumps(GOOD | {"seats": [{"row": "A", "number": 3}], "ratio": 1}))
    assert wish == Wish(event="e", quantity=2, seats=[Seat(row="A", number=3)], ratio=1.0)


@pytest.mark.parametrize(
    "raw",
    [
        "true", "false", '"1"', "1.5", "null", "[]", "{}", "0", "9", "-1", "1e400", "1.0e0x",
        str(2**63), str(2**64), str(-(2**63)), "1" * 5000,
    ],
)  # fmt: skip
def test_what_is_not_an_integer_in_its_range_is_not_taken_for_one(raw):
    pointer, code = refused(with_field("quantity", raw))
    assert (pointer, code) in {("/quantity", "invalid"), ("", "malformed_json")}


@pytest.mark.parametrize("raw", ["NaN", "Infinity", "-Infinity", "01", "+1", ".5", "1.", "0x10"])
def test_numbers_outside_json_are_not_json(raw):
    assert refused(with_field("ratio", raw)) == ("", "malformed_json")


@pytest.mark.parametrize("raw", ["1e400", "-1e400"])
def test_a_number_without_a_value_is_refused(raw):
    assert refused(with_field("ratio", raw)) == ("/ratio", "invalid")


@pytest.mark.parametrize(
    ("name", "raw"),
    [("event", "1"), ("event", "null"), ("event", '""'), ("event", '"12345678901"'),
     ("agreed", "1"), ("agreed", '"true"'), ("seats", "{}"), ("notes", "[]"), ("ratio", '"1"')],
)  # fmt: skip
def test_a_wrong_type_or_length_is_named(name, raw):
    assert refused(with_field(name, raw)) == (f"/{name}", "invalid")


def test_a_float_is_no_integer_even_when_it_is_whole():
    assert refused(with_field("quantity", "2.0")) == ("/quantity", "invalid")
    assert read(with_field("ratio", "2")).ratio == 2.0


def test_a_field_inside_a_list_is_pointed_at():
    raw = json.dumps(GOOD | {"seats": [{"row": "A", "number": 1}, {"row": "A", "number": "2"}]})
    pointer, code = refused(raw)
    assert (pointer, code) == ("/seats/1/number", "invalid") or pointer == "/seats/.../number"


def test_unknown_and_missing_fields_are_named():
    assert refused(with_field("colour", "1")) == ("/colour", "unknown_field")
    assert refused('{"event":"e"}') == ("/quantity", "required")
    inner = json.dumps(GOOD | {"seats": [{"row": "A"}]})
    pointer, code = refused(inner)
    assert code == "required"
    assert pointer.endswith("/number")


@pytest.mark.parametrize(
    "raw",
    [b"", b" ", b"{", b'{"event":', b"\xff", b"\xef\xbb\xbf{}", b"{}{}", b"{},", b"'a'", b"{a:1}",
     b'{"event":"\\ud800","quantity":1}', b'{"event":"\xed\xa0\x80","quantity":1}', b"nul",
     b"// c\n{}", b'{"a":"\n"}', b'{"a":"\x00"}', b'["\x1f"]', b'{"\t":1}'],
)  # fmt: skip
def test_what_is_not_json_is_refused_and_nothing_else_happens(raw):
    assert refused(raw, ANYTHING) == ("", "malformed_json")


@pytest.mark.parametrize(
    "raw",
    [r'{"a":"\u0000"}', r'{"a":"x\u0000y"}', r'{"\u0000":1}', r'["\\\u0000"]', r'["\n\\\\\u0000"]'],
)
def test_a_text_that_no_database_keeps_is_refused(raw):
    assert refused(raw, ANYTHING) == ("", "nul_character")


@pytest.mark.parametrize("raw", [r'["\\u0000"]', r'["\\\\u0000"]', r'["u0000"]', r'["\u0001"]'])
def test_a_backslash_before_zeros_is_a_text_as_any(raw):
    assert read(raw, ANYTHING) == json.loads(raw)


def test_backslashes_keep_nobody_waiting():
    raw = b'["' + b"\\\\" * 400_000 + b'"]'
    began = time.perf_counter()
    read(raw.decode(), ANYTHING)
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    "raw",
    [
        '{"event":"e","quantity":1,"quantity":1}',
        '{"event":"e","quantity":1,"quantity":2}',
        '{"event":"e","quantity" : 1,"quantity"\n:\t2}',
        '{"event":"e","quantity":1,"notes":{"a":"1","a":"1"}}',
        # one key in two spellings
        '{"event":"e","quantity":1,"\\u0071uantity":2}',
        # keys that begin with a colon, after a string that is none
        '{"event":"e","quantity":1,"notes":{"x":"x",":a":"1",":a":"2"}}',
        '{"event":"e","quantity":1,"seats":[{"row":"A","number":1,"row":"A"}]}',
    ],
)
def test_a_key_that_comes_twice_is_refused(raw):
    assert refused(raw) == ("", "duplicate_key")


def test_the_same_key_in_two_objects_is_fine():
    seats = [{"row": "A", "number": 1}, {"row": "A", "number": 2}]
    wish = read(json.dumps(GOOD | {"seats": seats, "notes": {"row": "row", "a:": '"a":1'}}))
    assert len(wish.seats) == 2


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_depth_has_a_limit_and_the_limit_is_exact(opening, closing):
    deepest = limits.JSON_DEPTH_MAX
    fine = opening * deepest + "1" + closing * deepest
    assert read(fine, ANYTHING)
    over = opening * (deepest + 1) + "1" + closing * (deepest + 1)
    assert refused(over, ANYTHING) == ("", "too_deep")


def test_brackets_in_strings_are_not_depth():
    text = '[{"\\"[[[' * 50
    assert read(json.dumps([text, "\\", '"']), ANYTHING) == [text, "\\", '"']


def test_many_brackets_side_by_side_are_not_depth():
    assert read("[" + ",".join(["[]"] * 500) + "]", ANYTHING) == [[]] * 500


@pytest.mark.parametrize(
    "raw",
    [b"[]" * 40 + b'"' + b'\\"' * 120_000, b"[" * 40 + b'"' * 200_000, b"{}" * 40 + b"\\" * 200_000,
     b"[]" * 40 + b'"' + b"\\" * 200_001, b'["' + b"[" * 200_000, b"[" * 250_000],
)  # fmt: skip
def test_no_body_within_the_limit_keeps_a_process_busy(raw):
    assert len(raw) < limits.BODY_BYTES_MAX
    started = time.process_time()
    with pytest.raises(Invalid):
        read(raw, ANYTHING)
    # Quadratic reading of these took minutes; the bound leaves room for any machine.
    assert time.process_time() - started < 2


TEXTS = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=8)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner),
    max_leaves=20,
)


@given(TREES)
@settings(deadline=None)
def test_every_value_that_json_can_say_comes_back(value):
    assert read(json.dumps(value), ANYTHING) == value
    assert read(json.dumps(value, ensure_ascii=False), ANYTHING) == value


@given(st.binary(max_size=60))
@settings(deadline=None)
def test_no_bytes_cause_anything_but_a_refusal(raw):
    try:
        read(raw, ANYTHING)
    except Invalid as refusal:
        assert refusal.problems  # noqa: PT017  # either outcome is right


def test_a_message_without_a_place_points_at_the_whole():
    assert refused("1") == ("", "invalid")
