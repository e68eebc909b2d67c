"""Who sells: promoters and houses."""

import re
from collections.abc import Iterator

import msgspec

from seatwright.catalog.domain.slugs import SLUG_CHARACTERS_MAX, slug_problem
from seatwright.catalog.domain.texts import line_problems
from seatwright.catalog.domain.words import words
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit.errors import Problem

NAME_CHARACTERS_MAX = 120
ACCENT_DEFAULT = "#3b5bdb"
# What a header can hold (RFC 5322, dot-atom); whether mail arrives there only mail can tell.
_ADDRESS_CHARACTERS_MAX = 254
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """
    One organisation; `accent` is its colour in the shop and in mails, `#rrggbb`, `reply_to` the
    address that buyers may answer to; empty: none.
    """

    id: OrganisationId
    name: str
    slug: str
    accent: str = ACCENT_DEFAULT
    reply_to: str = ""


def slug_of_name(name: str) -> str:
    """`Théâtre de l'Été` → `theatre-de-lete`; empty when no letter fits into an address."""
    plain = "-".join(word for word in words(name) if word.isascii())
    return plain[:SLUG_CHARACTERS_MAX].strip("-")


def organisation_problems(organisation: Organisation) -> Iterator[Problem]:
    """What is wrong with an organisation."""
    yield from line_problems("/name", organisation.name, characters_max=NAME_CHARACTERS_MAX)
    if found := slug_problem(organisation.slug):
        yield found
    if not _COLOR.fullmatch(organisation.accent):
        yield Problem("/accent", "bad_color", "A colour is written #rrggbb.")
    reply_to = organisation.reply_to
    long = len(reply_to) > _ADDRESS_CHARACTERS_MAX
    if reply_to and (long or not _ADDRESS.fullmatch(reply_to)):
        yield Problem("/reply_to", "bad_address", "An e-mail address, or nothing.")
