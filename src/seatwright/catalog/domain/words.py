"""How text is folded into words, the same for what is found and for what is asked."""

import re
import unicodedata

WORD_CHARACTERS_MAX = 40
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHE = re.compile(r"(?<=\w)['\u2019\u02bc](?=\w)")
# Letters whose stroke is no combining mark, so that decomposition leaves them as they are.
_STROKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"}
)


def fold(text: str) -> str:
    """Small letters without accents: `Théâtre` and `THEATRE` become one, `ß` becomes `ss`."""
    if text.isascii():
        return text.lower()
    # Twice: a compatibility sign may hide capitals (㏆), and folding may compose anew.
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(sign for sign in parts if not unicodedata.combining(sign))
    return bare.translate(_STROKES)


def words(text: str) -> list[str]:
    """
    The words of a text, folded, in order; cut at 40 characters.

    An apostrophe inside a word joins it: `O'Brien` is looked for as `obrien`.
    """
    joined = _APOSTROPHE.sub("", text)
    return [word[:WORD_CHARACTERS_MAX] for word in _WORD.findall(fold(joined))]
