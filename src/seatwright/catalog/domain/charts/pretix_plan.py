"""
Seating plans drawn for pretix: zones → rows → seats, with decorative areas.

After pretix's `seating-plan.schema.json` and what its editor writes beyond it. A position counts
from the one above it (zone + row + seat); numbers are pixels, so the plan is scaled until the
usual distance of two seats in a row is 50 cm. Areas are drawings there, never sold.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import cos, hypot, radians, sin, tau
from statistics import median
from typing import NamedTuple

import msgspec

from seatwright.catalog.domain.charts.draft import (
    PALETTE,
    ChartDraft,
    DraftCategory,
    DraftObject,
    DraftPoint,
    DraftRow,
    DraftSeat,
    DraftSection,
)
from seatwright.catalog.domain.charts.findings import Findings, Reading
from seatwright.catalog.domain.charts.spreading import SEAT_PITCH_CM
from seatwright.catalog.domain.charts.validation import too_many_seats
from seatwright.contracts.charts import LABEL_CHARACTERS_MAX, PLACES_PER_CHART_MAX, ObjectKind
from seatwright.kit.errors import Problem

_CM_PER_PIXEL = 2.0  # for a plan whose rows have one seat each: the editor's 25 pixels a seat
_ROUND_CORNERS = 32
_WORDS: tuple[tuple[ObjectKind, tuple[str, ...]], ...] = (
    ("stage", ("stage", "bühne", "scène", "escenario", "palco", "podium")),
    ("field", ("field", "pitch", "spielfeld", "terrain")),
    ("bar", ("bar", "theke", "buffet")),
    ("exit", ("exit", "entrance", "eingang", "ausgang", "sortie", "entrée", "salida", "uscita")),
)


class _Position(msgspec.Struct):
    x: float = 0
    y: float = 0


class _Seat(msgspec.Struct):
    seat_guid: str
    seat_number: str
    position: _Position
    category: str


class _Row(msgspec.Struct):
    row_number: str
    seats: tuple[_Seat, ...]
    position: _Position = msgspec.field(default_factory=_Position)


class _Text(msgspec.Struct):
    text: str = ""
    position: _Position = msgspec.field(default_factory=_Position)


class _Rectangle(msgspec.Struct):
    width: float
    height: float


class _Circle(msgspec.Struct):
    radius: float


class _Ellipse(msgspec.Struct):
    radius: _Position


class _Polygon(msgspec.Struct):
    points: tuple[_Position, ...]


class _Area(msgspec.Struct):
    position: _Position
    shape: str = "rectangle"
    rotation: float = 0
    text: _Text | str | None = None
    width: float = 0  # the older spelling of a rectangle
    height: float = 0
    rectangle: _Rectangle | None = None
    circle: _Circle | None = None
    ellipse: _Ellipse | None = None
    polygon: _Polygon | None = None


class _Zone(msgspec.Struct):
    position: _Position
    rows: tuple[_Row, ...]
    name: str = ""
    areas: tuple[_Area, ...] = ()


class _Category(msgspec.Struct):
    name: str
    color: str = ""


class Plan(msgspec.Struct):
    """The whole file, as it is decoded."""

    name: str
    categories: tuple[_Category, ...]
    zones: tuple[_Zone, ...]


class _Scale(NamedTuple):
    """Pixels to centimetres."""

    cm_per_pixel: float

    def at(self, *positions: _Position) -> DraftPoint:
        """The sum of relative positions, scaled."""
        return (
            sum(position.x for position in positions) * self.cm_per_pixel,
            sum(position.y for position in positions) * self.cm_per_pixel,
        )


def read_pretix(plan: Plan) -> Reading:
    """The draft in a pretix seating plan, and what is wrong with it by its own rules."""
    found = Findings()
    total = sum(len(row.seats) for zone in plan.zones for row in zone.rows)
    if total > PLACES_PER_CHART_MAX:
        found.add(Problem("", "too_many_seats", too_many_seats(total)))
        return Reading(None, found)
    for pointer, detail in _repeated_guids(plan):
        found.add(Problem(pointer, "duplicate_seat_guid", detail))
    return Reading(_draft(plan), found, where=_where(plan))


def _draft(plan: Plan) -> ChartDraft:
    scale = _Scale(_cm_per_pixel(plan))
    names = tuple(zone.name for zone in plan.zones)
    zone_keys = _keys(name or f"Zone {i + 1}" for i, name in enumerate(names))
    category_keys = _keys(category.name for category in plan.categories)
    key_of = dict(zip((category.name for category in plan.categories), category_keys, strict=True))
    return ChartDraft(
        name=plan.name,
        categories=tuple(
            DraftCategory(key, category.name, _color(category.color, i))
            for i, (key, category) in enumerate(zip(category_keys, plan.categories, strict=True))
        ),
        sections=tuple(
            DraftSection(key, zone.name or key, tuple(_rows(zone, scale, key_of)))
            for key, zone in zip(zone_keys, plan.zones, strict=True)
            if zone.rows  # a zone may hold nothing but drawings
        ),
        objects=tuple(
            drawn
            for zone in plan.zones
            for area in zone.areas
            for drawn in _object(zone, area, scale)
        ),
    )


def _repeated_guids(plan: Plan) -> Iterator[tuple[str, str]]:
    seen: dict[str, str] = {}
    for i, zone in enumerate(plan.zones):
        for k, row in enumerate(zone.rows):
            for n, seat in enumerate(row.seats):
                pointer = f"/zones/{i}/rows/{k}/seats/{n}"
                other = seen.setdefault(seat.seat_guid, pointer)
                if other != pointer:
                    detail = f"The seat_guid {seat.seat_guid[:40]!r} is also at {other}."
                    yield pointer, detail


def _places(plan: Plan) -> dict[str, str]:
    # From what the draft calls sections and rows to zones and rows of the plan.
    places = {f"/categories/{i}/key": f"/categories/{i}/name" for i in range(len(plan.categories))}
    zones = ((i, zone) for i, zone in enumerate(plan.zones) if zone.rows)
    for section, (i, zone) in enumerate(zones):
        places[f"/sections/{section}"] = f"/zones/{i}"
        places[f"/sections/{section}/key"] = f"/zones/{i}/name"
        merged: dict[str, int] = {}
        counts: dict[str, int] = {}
        for k, row in enumerate(zone.rows):
            index = merged.setdefault(row.row_number, len(merged))
            pointer = f"/sections/{section}/rows/{index}"
            places.setdefault(pointer, f"/zones/{i}/rows/{k}")
            for n in range(len(row.seats)):
                at = counts[pointer] = counts.get(pointer, -1) + 1
                places[f"{pointer}/seats/{at}"] = f"/zones/{i}/rows/{k}/seats/{n}"
    objects = (
        f"/zones/{i}/areas/{n}"
        for i, zone in enumerate(plan.zones)
        for n, area in enumerate(zone.areas)
        for _ in _object(zone, area, _Scale(1.0))
    )
    places.update((f"/objects/{n}", pointer) for n, pointer in enumerate(objects))
    return places


def _where(plan: Plan) -> Callable[[str], str]:
    places: dict[str, str] = {}  # made when it is first asked for: most plans are sound

    def place(pointer: str) -> str:
        if not places:
            places.update(_places(plan))
        known, rest = pointer, ""
        while known and known not in places:
            known, _, step = known.rpartition("/")
            rest = f"/{step}{rest}"
        return f"{places[known]}{rest}" if known else pointer

    return place


def _cm_per_pixel(plan: Plan) -> float:
    distances = [
        hypot(after.position.x - before.position.x, after.position.y - before.position.y)
        for zone in plan.zones
        for row in zone.rows
        for before, after in pairwise(row.seats)
    ]
    usual = median(distances) if distances else 0
    return SEAT_PITCH_CM / usual if usual > 0 else _CM_PER_PIXEL


def _keys(names: Iterator[str]) -> tuple[str, ...]:
    # A key for each name, short and unique, the name itself wherever that will do.
    taken: set[str] = set()
    keys = []
    for name in names:
        plain = name.strip().replace(":", "-").replace("/", "-")
        key, number = plain[:LABEL_CHARACTERS_MAX].strip(), 1
        while key in taken:
            number += 1
            suffix = f" {number}"
            key = plain[: LABEL_CHARACTERS_MAX - len(suffix)].strip() + suffix
        taken.add(key)
        keys.append(key)
    return tuple(keys)


def _color(text: str, index: int) -> str:
    digits = text.removeprefix("#")
    if len(digits) == 3:  # noqa: PLR2004  # the short form #RGB
        digits = "".join(digit * 2 for digit in digits)
    known = len(digits) == 6 and all(digit in "0123456789abcdefABCDEF" for digit in digits)  # noqa: PLR2004
    return f"#{digits.upper()}" if known else PALETTE[index % len(PALETTE)]


def _rows(zone: _Zone, scale: _Scale, key_of: dict[str, str]) -> Iterator[DraftRow]:
    # The editor draws a row broken by an aisle as two of one name: they are one row to sit in.
    merged: dict[str, list[DraftSeat]] = {}
    for row in zone.rows:
        seats = merged.setdefault(row.row_number, [])
        for seat in row.seats:
            at = scale.at(zone.position, row.position, seat.position)
            seats.append(DraftSeat(seat.seat_number, *at, key_of.get(seat.category, seat.category)))
    for name, seats in merged.items():
        yield DraftRow(name, tuple(seats))


def _object(zone: _Zone, area: _Area, scale: _Scale) -> Iterator[DraftObject]:
    text = area.text.text if isinstance(area.text, _Text) else area.text or ""
    label = " ".join(text.split())
    turn = radians(area.rotation)
    outline = [
        scale.at(
            zone.position,
            area.position,
            _Position(x * cos(turn) - y * sin(turn), x * sin(turn) + y * cos(turn)),
        )
        for x, y in _corners(area)
    ]
    if outline:
        yield DraftObject(_kind(label), label, tuple(outline))
    elif label:
        yield DraftObject("text", label, (scale.at(zone.position, area.position),))


def _corners(area: _Area) -> Sequence[DraftPoint]:
    # The outline around the area's own position, in pixels; empty when nothing is enclosed.
    if area.polygon is not None:
        return [(point.x, point.y) for point in area.polygon.points]
    if area.circle is not None:
        return _round(area.circle.radius, area.circle.radius)
    if area.ellipse is not None:
        return _round(area.ellipse.radius.x, area.ellipse.radius.y)
    sides = area.rectangle or _Rectangle(area.width, area.height)
    if not sides.width or not sides.height:
        return []
    return [(0, 0), (sides.width, 0), (sides.width, sides.height), (0, sides.height)]


def _round(rx: float, ry: float) -> Sequence[DraftPoint]:
    turns = (tau * i / _ROUND_CORNERS for i in range(_ROUND_CORNERS))
    return [(rx * cos(turn), ry * sin(turn)) for turn in turns] if rx and ry else []


def _kind(label: str) -> ObjectKind:
    words = label.lower().split()
    for kind, known in _WORDS:
        if any(word in known for word in words):
            return kind
    return "wall"
