"""Identifiers sort by time, never meet, and can be read aloud where people must."""

import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from seatwright.kit import clock, ids

BASE32HEX = re.compile(r"[0-9a-v]+")


@pytest.fixture
def frozen(monkeypatch):
    def at(ms: int) -> None:
        monkeypatch.setattr(clock, "unix_ms", lambda: ms)

    return at


def test_a_later_id_sorts_behind_an_earlier_one_by_bytes(frozen):
    instants = [0, 1, 31, 32, 1023, 1024, 10**12, 10**12 + 1, clock.unix_ms(), 2**49, 2**50 - 1]
    made = []
    for instant in instants:
        frozen(instant)
        made.append(ids.sortable_id())
    assert made == sorted(made, key=str.encode)
    assert len({one[:10] for one in made}) == len(instants)


@pytest.mark.parametrize("chars", [2, 6, 10, 20, 32])
def test_an_id_has_the_alphabet_and_length_it_states(chars):
    for _ in range(200):
        found = ids.sortable_id(chars)
        assert len(found) == 10 + chars
        assert BASE32HEX.fullmatch(found)
    assert len(ids.short_id()) == 16


def test_ids_of_one_millisecond_never_meet(frozen):
    frozen(10**12)
    assert len({ids.sortable_id() for _ in range(50_000)}) == 50_000


def test_every_random_character_takes_every_value(frozen):
    frozen(0)
    seen = [set() for _ in range(20)]  # type: list[set[str]]
    for _ in range(2000):
        for place, char in enumerate(ids.sortable_id()[10:]):
            seen[place].add(char)
    # A character that could not be reached would be missing in 2,000 draws with p < 1e-25.
    assert {len(found) for found in seen} == {32}


def test_an_order_code_can_be_read_aloud():
    codes = [ids.order_code() for _ in range(20_000)]
    assert len(set(codes)) == len(codes)
    assert {len(code) for code in codes} == {ids.ORDER_CODE_CHARS}
    assert set("".join(codes)) == set(ids.ORDER_ALPHABET)
    assert not set("01IO") & set(ids.ORDER_ALPHABET)
    assert len(set(ids.ORDER_ALPHABET)) == len(ids.ORDER_ALPHABET)


@pytest.fixture
def drawn(monkeypatch):
    """The bytes that chance gives next."""

    def give(raw: bytes) -> None:
        left = iter(raw)
        monkeypatch.setattr(
            ids._chance, "take", lambda count: bytes(next(left) for _ in range(count))
        )

    return give


def as_bytes(code: str) -> bytes:
    return bytes(ids.ORDER_ALPHABET.index(letter) for letter in code)


def test_an_offending_order_code_is_drawn_again(drawn):
    drawn(as_bytes("ASSAAAAAA" + "AAAFUKAAA" + "BBBBBBBBB"))
    assert ids.order_code() == "BBBBBBBBB"


def test_no_letter_of_an_order_code_is_likelier_than_another(drawn):
    size = len(ids.ORDER_ALPHABET)
    fair = [n for n in range(256) if n < 256 - 256 % size]
    assert len(fair) % size == 0
    drawn(bytes(range(256)))
    letters = [ids._letter() for _ in fair]
    assert {letters.count(letter) for letter in ids.ORDER_ALPHABET} == {len(fair) // size}
    drawn(bytes([255, 254, 253, 252, 3]))
    assert ids._letter() == ids.ORDER_ALPHABET[3], "what would favour some letters is drawn again"


class Halting(bytes):
    """A page at which every thread that looks how long it is lets another go first."""

    def __len__(self) -> int:
        length = super().__len__()
        threading.Event().wait(0.0005)
        return length


def test_threads_never_draw_the_same_bytes_nor_fewer_than_they_asked_for(monkeypatch):
    chance = ids._Chance()
    real = os.urandom
    monkeypatch.setattr(
        "seatwright.kit.ids.os.urandom", lambda count: Halting(real(min(count, 64)))
    )
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: chance.take(12), range(400)))
    assert {len(one) for one in made} == {12}
    assert len(set(made)) == len(made)


def test_a_forked_child_never_draws_what_its_parent_draws():
    program = """
import os
from seatwright.kit import ids
ids.secret(), ids.sortable_id()
reading, writing = os.pipe()
if os.fork() == 0:
    os.write(writing, ids._chance.take(32))
    os._exit(0)
os.wait()
assert os.read(reading, 32) != ids._chance.take(32)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_secrets_are_as_long_as_they_say():
    assert len(ids.secret()) == 32
    assert len(ids.secret(8)) == 11
    assert len({ids.secret(8) for _ in range(10_000)}) == 10_000
    assert re.fullmatch(r"[A-Za-z0-9_-]+", ids.secret())


def test_chance_reaches_both_ends_and_no_further():
    assert {ids.chance(3) for _ in range(500)} == {0, 1, 2}
