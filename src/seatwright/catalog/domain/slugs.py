"""Names of events in addresses."""

import re

from seatwright.catalog.domain.words import words
from seatwright.kit.errors import Problem

SLUG_CHARACTERS_MIN = 3
SLUG_CHARACTERS_MAX = 80
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# Addresses the web apps use themselves, now or likely soon.
_RESERVED_WORDS = """
    about account accounts admin api app assets cart checkout contact dashboard demo events feed
    gate healthz help imprint login logout me metrics new null orders portal privacy search
    settings shop static terms tickets undefined well-known
    """
_RESERVED = frozenset(_RESERVED_WORDS.split())


def slug_problem(slug: str) -> Problem | None:
    """Why a slug cannot be used; None when it can."""
    if not SLUG_CHARACTERS_MIN <= len(slug) <= SLUG_CHARACTERS_MAX or not _SLUG.fullmatch(slug):
        detail = (
            f"{SLUG_CHARACTERS_MIN} to {SLUG_CHARACTERS_MAX} small letters, digits and single "
            "hyphens between them."
        )
        return Problem("/slug", "bad_slug", detail)
    if slug in _RESERVED:
        return Problem("/slug", "reserved_slug", "This name is used by the platform itself.")
    return None


def slug_of(title: str, *, ending: str = "") -> str:
    """
    A slug from a title: `Théâtre: L'Été` → `theatre-lete`.

    `ending` keeps apart what is called the same; it stands alone for a title without any
    letter that an address can carry.
    """
    plain = "-".join(word for word in words(title) if word.isascii())
    room = SLUG_CHARACTERS_MAX - len(ending) - 1
    slug = "-".join(part for part in (plain[:room].strip("-"), ending) if part)
    return slug if slug_problem(slug) is None else f"event-{slug}".strip("-")
