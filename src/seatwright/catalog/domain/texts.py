"""What people write about events and venues: plain text, visible, of bounded length."""

import re
import unicodedata
from collections.abc import Iterator

from seatwright.kit.errors import Problem

# A tag's beginning, not a lonely "<": descriptions are shown as text, never as markup.
_HTML = re.compile(r"<[a-zA-Z/!?]")
# Emoji and several scripts are written with these two; other invisible signs only deceive.
_JOINERS = "\u200c\u200d"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def tidy(text: str) -> str:
    """One spelling for what looks the same: NFC, line feeds, no space around."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()


def line_problems(
    pointer: str, text: str, *, characters_max: int, optional: bool = False
) -> Iterator[Problem]:
    """Problems of one line of text."""
    if "\n" in text:
        yield Problem(pointer, "line_break", "Write this in one line.")
        return
    yield from prose_problems(pointer, text, characters_max=characters_max, optional=optional)


def prose_problems(
    pointer: str, text: str, *, characters_max: int, optional: bool = False
) -> Iterator[Problem]:
    """Problems of a text that may have several lines."""
    if not text:
        if not optional:
            yield Problem(pointer, "required", "Write something here.")
        return
    if len(text) > characters_max:
        yield Problem(pointer, "too_long", f"At most {characters_max} characters.")
        return
    if not text.isascii() or not text.isprintable():
        hidden = (
            sign
            for sign in text
            if sign not in _JOINERS and sign != "\n" and unicodedata.category(sign) in _UNSEEN
        )
        if sign := next(hidden, None):
            detail = f"There is an invisible character (U+{ord(sign):04X})."
            yield Problem(pointer, "invisible_character", detail)
    if _HTML.search(text):
        yield Problem(pointer, "html", "Write plain text: markup is not shown.")
