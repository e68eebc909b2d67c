"""
The only door to chance: identifiers and secrets.

Identifiers are lower-case base32hex, so that their text order is their byte order and any
collation that compares bytes keeps new rows at the end of an index.
"""

import os
import secrets
import threading

from seatwright.kit import clock

_ALPHABET = "0123456789abcdefghijklmnopqrstuv"
_BYTE_PAIRS = [_ALPHABET[n >> 5] + _ALPHABET[n & 31] for n in range(1024)]
_TIME_CHARS = 10

# What a person may have to read aloud: no 0/O, 1/I, and nothing that sounds alike twice.
ORDER_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ3789"
ORDER_CODE_CHARS = 9
# Order codes are read over telephones and printed on tickets; these are refused inside one.
_OFFENSIVE = ("ASS", "FUCK", "FUK", "SEX", "SHT", "CUNT", "KKK", "NAZ", "DCK", "TTS", "CCK", "FCK")


class _Chance:
    """
    The operating system's randomness, fetched a page at a time; no byte is used twice.

    A purchase needs a dozen small random values, and a system call for each costs more than
    everything else about them. Threads take turns: two that drew the same bytes would give two
    holders one identifier.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Drop what is left: a forked child must not draw what its parent draws."""
        self._page, self._at = b"", 0
        self._turn = threading.Lock()

    def take(self, count: int) -> bytes:
        """`count` fresh bytes."""
        with self._turn:
            if self._at + count > len(self._page):
                self._page, self._at = os.urandom(max(4096, count)), 0
            taken = self._page[self._at : self._at + count]
            self._at += count
            return taken


_chance = _Chance()
os.register_at_fork(after_in_child=_chance.forget)
# The largest multiple of the alphabet's size in a byte: what lies above would favour some letters.
_FAIR_BELOW = 256 - 256 % len(ORDER_ALPHABET)


def _base32(number: int, chars: int) -> str:
    out = []
    for _ in range(chars // 2):
        out.append(_BYTE_PAIRS[number & 1023])
        number >>= 10
    return "".join(reversed(out))


def sortable_id(random_chars: int = 20) -> str:
    """
    A new identifier: ten characters of time, then `random_chars` (even) of chance.

    Twenty random characters are 100 bits, enough where guessing must be hopeless (tickets,
    holds); six suffice where the identifier is public and only must not collide (events).
    """
    drawn = int.from_bytes(_chance.take((random_chars * 5 + 7) // 8), "big")
    return _base32(clock.unix_ms(), _TIME_CHARS) + _base32(drawn, random_chars)


def short_id() -> str:
    """Sixteen characters for public things made at most a few times a second."""
    return sortable_id(6)


def order_code() -> str:
    """Nine characters a person can read aloud (43 bits); unoffending."""
    while True:
        code = "".join(_letter() for _ in range(ORDER_CODE_CHARS))
        if not any(word in code for word in _OFFENSIVE):
            return code


def _letter() -> str:
    while (drawn := _chance.take(1)[0]) >= _FAIR_BELOW:
        pass
    return ORDER_ALPHABET[drawn % len(ORDER_ALPHABET)]


def secret(n_bytes: int = 24) -> str:
    """A bearer secret in base64url without padding; 24 bytes are 192 bits."""
    return secrets.token_urlsafe(n_bytes)


def chance(below: int) -> int:
    """A number from 0 to `below` - 1, for jitter and for spreading."""
    return secrets.randbelow(below)
