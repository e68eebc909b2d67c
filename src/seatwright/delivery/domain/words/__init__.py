"""
What delivery says, a file for each language.

`Words` is a type, not a dictionary, so that a language that lacks a sentence does not pass the
type checker. Texts with braces are filled with `str.format` by delivery's own values only.
"""

from seatwright.delivery.domain.words import de, en, es, fr
from seatwright.delivery.domain.words.shape import LetterWords, Note, NoticeWords, Words

_LANGUAGES: dict[str, Words] = {"en": en.WORDS, "de": de.WORDS, "fr": fr.WORDS, "es": es.WORDS}

__all__ = ["LetterWords", "Note", "NoticeWords", "Words", "in_language", "languages"]


def in_language(tag: str) -> Words:
    """The words for a BCP 47 tag such as `de-AT`; English where the language is not spoken."""
    return _LANGUAGES.get(tag.replace("_", "-").partition("-")[0].lower(), en.WORDS)


def languages() -> tuple[str, ...]:
    """Every language spoken here."""
    return tuple(_LANGUAGES)
