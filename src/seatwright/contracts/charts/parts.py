"""
The pieces of a published chart, spelled as in its JSON.

All coordinates are whole centimetres, x to the right and y downwards.
"""

import unicodedata
from enum import IntFlag
from typing import Literal, NewType

import msgspec

ChartVersion = NewType("ChartVersion", str)  # first 32 hex digits of the SHA-256 of the file
SeatId = NewType("SeatId", str)  # "<section key>:<row>:<seat label>" or "<area key>:<number>"
Point = tuple[int, int]
ObjectKind = Literal["stage", "field", "bar", "exit", "text", "wall"]

LABEL_CHARACTERS_MAX = 24  # what fits on a ticket's line and on a map at reading size
# The largest stadiums hold 100,000 and more, but a version must stay one file a phone can load.
PLACES_PER_CHART_MAX = 100_000
COORDINATE_CM_MAX = 1_000_000  # ten kilometres: a street festival fits, a unit mix-up does not
CATEGORIES_PER_CHART_MAX = 64
OUTLINE_POINTS_MAX = 2_000
NAME_CHARACTERS_MAX = 120


class SeatFlag(IntFlag):
    """What is special about one seat."""

    ACCESSIBLE = 1  # a place for a wheelchair
    COMPANION = 2
    RESTRICTED_VIEW = 4
    STEP_FREE = 8


class Bounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The smallest rectangle around everything drawn."""

    x: int
    y: int
    width: int
    height: int


class Focus(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The point people look at: the best seats are the ones near it."""

    x: int
    y: int


class Category(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A class of seats that is sold at one price; `color` is `#RRGGBB`."""

    key: str
    name: str
    color: str


class Row(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False, rename={"from_": "from"}
):
    """
    Seats next to each other, in the order in which people sit.

    Their labels are `from`, `from + step`, … or, where numbers do not fit, listed.
    """

    name: str
    count: int
    from_: int | msgspec.UnsetType = msgspec.UNSET
    step: int | msgspec.UnsetType = msgspec.UNSET
    labels: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A block of rows with its outline (a polygon; empty: not drawn)."""

    key: str
    name: str
    level: str
    entrance: str
    outline: tuple[Point, ...]
    rows: tuple[Row, ...]


class Table(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False, rename={"from_": "from"}
):
    """Seats around a table; `whole` tables are sold only together."""

    key: str
    name: str
    x: int
    y: int
    radius: int
    whole: bool
    count: int
    from_: int | msgspec.UnsetType = msgspec.UNSET
    step: int | msgspec.UnsetType = msgspec.UNSET
    labels: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET


class Area(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Standing places, numbered 1…capacity; `category` is an index."""

    key: str
    name: str
    outline: tuple[Point, ...]
    capacity: int
    category: int
    entrance: str


class ChartObject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something drawn for orientation, never sold."""

    kind: ObjectKind
    label: str
    outline: tuple[Point, ...]


def label_problem(text: str) -> str | None:
    """
    Why `text` cannot be a key or label, as the end of a sentence; None when it can.

    Seat ids join labels with `:` and stand in paths, hence the two forbidden signs.
    """
    if not text:
        return "is empty"
    if len(text) > LABEL_CHARACTERS_MAX:
        return f"is longer than {LABEL_CHARACTERS_MAX} characters"
    if text.isascii() and text.isalnum():  # nearly every label: skip the character classes
        return None
    if ":" in text or "/" in text:
        return "contains ':' or '/'"
    if text != text.strip():
        return "begins or ends with a space"
    unseen = any(unicodedata.category(character) in _UNSEEN for character in text)
    return "contains a control or invisible character" if unseen else None


# Control, format (zero-width, direction marks), surrogate, private, unassigned, line breaks.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def label_at(row: Row | Table, position: int) -> str:
    """The label of the seat at `position` (0…count-1) of a row or table."""
    if not isinstance(row.labels, msgspec.UnsetType):
        return row.labels[position]
    return str(_number(row.from_) + position * _number(row.step))


def position_of(row: Row | Table, label: str) -> int | None:
    """Where `label` stands in a row or table; None when it is not there."""
    if not isinstance(row.labels, msgspec.UnsetType):
        return row.labels.index(label) if label in row.labels else None
    # Only the canonical spelling is the seat's: `07` and `+7` are other strings.
    if len(label) > LABEL_CHARACTERS_MAX or not label.isascii() or not label.isdigit():
        return None
    number = int(label)
    position, rest = divmod(number - _number(row.from_), _number(row.step))
    if rest or not 0 <= position < row.count or str(number) != label:
        return None
    return position


def _number(value: int | msgspec.UnsetType) -> int:
    return 1 if isinstance(value, msgspec.UnsetType) else value
