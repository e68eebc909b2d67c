"""
Which passwords are good enough: long, and not obvious.

NIST SP 800-63B-4 3.1.1.2: at least 15 characters where a password is the only factor, no
composition rules, Unicode, no truncation, compared with a list of what others would try.
Measured in characters after NFC, so that one spelling from two keyboards is one password.
"""

import re
import unicodedata
from collections.abc import Iterable

from seatwright.accounts.domain.obvious import PHRASES, ROWS, WORDS
from seatwright.kit.errors import invalid

CHARS_MIN = 15
CHARS_MAX = 256
DISTINCT_CHARS_MIN = 6
# What must be left once everything obvious is taken away.
SURPRISING_CHARS_MIN = 6
_CONTEXT_CHARS_MIN = 4
_RUN_CHARS_MIN = 4

_LEET = str.maketrans("0134578@$!|", "oieastbasil")
_YEAR = re.compile(r"1\d{3}|20\d\d")
# What people put between words and at the end. Other signs, emoji among them, are characters.
_SEPARATORS = re.compile(r"[\s!-/:-@\[-`{-~]+")


def normalised(password: str) -> str:
    """The password as it is hashed."""
    return unicodedata.normalize("NFC", password)


def accept(password: str, *, about: Iterable[str] = (), pointer: str = "/password") -> str:
    """
    The password, normalised, when it may be chosen; raises `Invalid` at `pointer`.

    `about` is what an acquaintance would try: name, address, the platform's name.
    """
    chosen = normalised(password)
    if len(chosen) < CHARS_MIN:
        raise invalid(pointer, "too_short", f"At least {CHARS_MIN} characters; words are fine.")
    if len(chosen) > CHARS_MAX:
        raise invalid(pointer, "too_long", f"At most {CHARS_MAX} characters.")
    if obvious(chosen, about=about):
        raise invalid(pointer, "too_common", "This would be tried first. Choose something else.")
    return chosen


def obvious(password: str, *, about: Iterable[str] = ()) -> bool:
    """Whether little remains without common words, runs, repetitions and what is known."""
    folded = password.casefold()
    if len(set(folded)) < DISTINCT_CHARS_MIN:
        return True
    readings = (
        _YEAR.sub("", _SEPARATORS.sub("", folded)),
        _SEPARATORS.sub("", folded.translate(_LEET)),
    )
    context = tuple(_context(about))
    return any(_remainder(reading, context) < SURPRISING_CHARS_MIN for reading in readings)


def _context(about: Iterable[str]) -> Iterable[str]:
    for text in about:
        for part in _SEPARATORS.split(text.casefold()):
            if len(part) >= _CONTEXT_CHARS_MIN:
                yield part


def _remainder(text: str, context: tuple[str, ...]) -> int:
    text = _without_repetition(text)
    for word in sorted((*PHRASES, *WORDS, *context), key=len, reverse=True):
        text = text.replace(word, "\n")
    return sum(char != "\n" for char in _without_runs(text))


def _without_repetition(text: str) -> str:
    # `summertime` written twice is as surprising as once.
    for period in range(1, len(text) // 2 + 1):
        if (text[:period] * (len(text) // period + 1))[: len(text)] == text:
            return text[:period]
    return text


def _without_runs(text: str) -> str:
    kept = []
    at = 0
    while at < len(text):
        run = max((_run(text, at, row) for row in ROWS), default=0)
        if run < _RUN_CHARS_MIN:
            kept.append(text[at])
            at += 1
        else:
            at += run
    return "".join(kept)


def _run(text: str, start: int, row: str) -> int:
    """How many characters from `start` follow each other in `row`, forwards or backwards."""
    best = 0
    for step in (1, -1, 0):
        place, length = row.find(text[start]), 0
        while (
            start + length < len(text)
            and 0 <= place < len(row)
            and row[place] == text[start + length]
        ):
            length += 1
            place += step
        best = max(best, length)
    return best
