"""Making what people typed fit to print: no control signs, no endless words, bounded length."""

import re
import unicodedata

# Joiners shape letters in Persian, Indic scripts and emoji; other format signs only deceive
# (right-to-left overrides turn `exe.pdf` around).
_KEPT_FORMATS = frozenset("\u200c\u200d")
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# A longer run without a space or hyphen gets places where a line may break.
_RUN_CHARS_MAX = 22
_BREAK = "\u200b"
# Emoji with what changes and joins them. No font of ours has them, and colours print badly. Of the
# older signs those are meant that are pictures by themselves (Unicode: Emoji_Presentation) or are
# asked to be (U+FE0F); a star or a wheelchair in ink is left.
_PICTURES = re.compile(
    "(?:[\U0001f000-\U0001faff][\ufe0f\U000e0020-\U000e007f]*"
    "(?:\u200d[\u2600-\u27bf]?\ufe0f?)*)+"
    "|[\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u2693\u26a1"
    "\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705"
    "\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50"
    "\u2b55]\ufe0f?"
    "|[\u203c-\u2bff]\ufe0f|[\ufe0f\u20e3]"
)
_FROM_RIGHT = frozenset({"R", "AL", "AN"})
_WORDS = re.compile(r"[^ -]+|[ -]+")


def one_line(text: str, chars_max: int) -> str:
    """Printable signs only, single spaces, cut with an ellipsis; safe as a mail header."""
    visible = "".join(_visible(sign) for sign in unicodedata.normalize("NFC", text))
    flat = " ".join(visible.split())
    return flat if len(flat) <= chars_max else flat[: chars_max - 1].rstrip() + "…"


def isolated(text: str) -> str:
    """The text so that signs written from right to left leave what stands around it in order."""
    if any(unicodedata.bidirectional(sign) in _FROM_RIGHT for sign in text):
        return f"\u2068{text}\u2069"
    return text


def on_paper(text: str) -> str:
    """
    One line as a printer has it: without emoji, and with places to break inside very long words.

    A text of nothing but emoji is said in words: `🎭` is `performing arts`.
    """
    bare = " ".join(_PICTURES.sub(" ", text).split())
    if text and not bare:
        names = (unicodedata.name(sign, "") for sign in text if sign not in _KEPT_FORMATS)
        bare = ", ".join(name.lower() for name in names if name and "SELECTOR" not in name)
    return breakable(bare or text)


def breakable(text: str) -> str:
    """The text with invisible places to break inside very long words."""
    return "".join(_broken(word) for word in _WORDS.findall(text))


def _visible(sign: str) -> str:
    if sign.isspace():
        return " "
    kept = sign in _KEPT_FORMATS or unicodedata.category(sign) not in _UNPRINTABLE
    return sign if kept else ""


def _broken(word: str) -> str:
    if len(word) <= _RUN_CHARS_MAX:
        return word
    pieces = (word[at : at + _RUN_CHARS_MAX] for at in range(0, len(word), _RUN_CHARS_MAX))
    return _BREAK.join(pieces)
