"""The entity-relationship picture: a band for each service, a box for each table."""

from dataclasses import dataclass
from html import escape

from tests.architecture.reference_schema import SERVICES, Table

BOX, GUTTER, MARGIN, ROW, HEAD, BETWEEN = 216, 40, 24, 16, 26, 22
BAND_HEAD = 58
COLUMNS = 4
WIDTH = 2 * MARGIN + COLUMNS * BOX + (COLUMNS - 1) * GUTTER
COLOURS = {
    "catalog": "#0f6b5c", "accounts": "#6a4c93", "orders": "#b3381f", "delivery": "#1d5f8a",
    "entry": "#8a6d1d",
}  # fmt: skip
SHORT = {"timestamp with time zone": "timestamptz", "integer": "int"}
STYLE = """\
text { font: 11px ui-sans-serif, system-ui, "DejaVu Sans", sans-serif; fill: #222 }
.t { font-size: 9.5px; fill: #777; text-anchor: end } .k { font-weight: 700 }
.h { font-weight: 700; fill: #fff } .s { font-size: 16px; font-weight: 700 }
.l { fill: none; stroke-width: 1.3 } .d { stroke-dasharray: 4 3 }"""


@dataclass
class _Place:
    column: int
    x: int
    y: int
    height: int


def drawing(tables: list[Table]) -> str:
    """The SVG file."""
    parts: list[str] = []
    y = MARGIN
    for service in SERVICES:
        mine = [table for table in tables if table.service == service]
        band, height = _band(mine, y, COLOURS[service])
        parts += [
            (
                f'<rect x="8" y="{y}" width="{WIDTH - 16}" height="{height - 12}" rx="10" '
                f'fill="{COLOURS[service]}" fill-opacity="0.06"/>'
            ),
            f'<text class="s" x="{MARGIN}" y="{y + 26}">{service}</text>',
            *band,
        ]
        y += height
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" role="img" '
        'aria-label="Tables of each service with their keys">'
    )
    back = f'<rect width="{WIDTH}" height="{y}" fill="#fff"/>'
    return "\n".join([head, f"<style>{STYLE}</style>", back, *parts, "</svg>"]) + "\n"


def _links(table: Table, names: set[str]) -> list[tuple[str, str, bool]]:
    """(column, target, whether PostgreSQL enforces it)."""
    enforced = [(column, target, True) for column, target in table.points_to.items()]
    if (
        "orders" in names
        and table.name != "orders"
        and "order_id" in dict.fromkeys(name for name, _, _ in table.columns)
    ):
        enforced.append(("order_id", "orders", False))
    return enforced


def _band(tables: list[Table], top: int, colour: str) -> tuple[list[str], int]:
    places = _places(tables, top + BAND_HEAD)
    by_name = {table.name: table for table in tables}
    lines: list[str] = []
    used: dict[int, int] = {}
    for table in tables:
        for column, target, enforced in _links(table, set(by_name)):
            if target != table.name:
                lines.append(_line(table, column, places, target, enforced, colour, used, top))
    boxes = [_box(table, places[table.name], colour) for table in tables]
    bottom = max(place.y + place.height for place in places.values())
    return [*lines, *boxes], bottom - top + MARGIN


def _places(tables: list[Table], top: int) -> dict[str, _Place]:
    """Tables that others point to stand left of them; the rest where there is room."""
    names = {table.name for table in tables}
    depth = {table.name: 0 for table in tables}
    for _ in tables:
        for table in tables:
            for _, target, _ in _links(table, names):
                if target != table.name:
                    depth[table.name] = min(COLUMNS - 1, max(depth[table.name], depth[target] + 1))
    tied = {
        name
        for table in tables
        for _, target, _ in _links(table, names)
        if target != table.name
        for name in (table.name, target)
    }
    ends = [top] * COLUMNS
    places = {}
    for table in sorted(tables, key=lambda one: (one.name not in tied, depth[one.name])):
        column = depth[table.name]
        if table.name not in tied:
            column = ends.index(min(ends))
        elif depth[table.name] and not _pointed_at(table.name, tables, names):
            # A leaf may stand further right, where there is more room.
            column = min(range(column, COLUMNS), key=lambda one: ends[one])
        height = HEAD + ROW * len(table.columns) + 8
        x = MARGIN + column * (BOX + GUTTER)
        places[table.name] = _Place(column, x, ends[column], height)
        ends[column] += height + BETWEEN
    return places


def _pointed_at(name: str, tables: list[Table], names: set[str]) -> bool:
    return any(target == name for table in tables for _, target, _ in _links(table, names))


def _line(table: Table, column: str, places: dict[str, _Place], target: str, enforced: bool,
          colour: str, used: dict[int, int], top: int) -> str:  # fmt: skip
    here, there = places[table.name], places[target]
    row = [name for name, _, _ in table.columns].index(column)
    y1 = here.y + HEAD + ROW * row + 9
    y2 = there.y + HEAD // 2
    lane = used[here.column] = used.get(here.column, 0) + 1
    near = here.x - 6 - 4 * (lane % 7)
    far = there.x + BOX + 8
    if there.column == here.column - 1:
        path = f"M{here.x} {y1} H{near} V{y2} H{there.x + BOX}"
    else:
        channel = top + BAND_HEAD - 8 - 3 * (lane % 4)
        path = f"M{here.x} {y1} H{near} V{channel} H{far} V{y2} H{there.x + BOX}"
    kind = "l" if enforced else "l d"
    end = f'<circle cx="{there.x + BOX}" cy="{y2}" r="3" fill="{colour}"/>'
    return f'<path class="{kind}" stroke="{colour}" d="{path}"/>{end}'


def _box(table: Table, place: _Place, colour: str) -> str:
    x, y = place.x, place.y
    parts = [
        (
            f'<rect x="{x}" y="{y}" width="{BOX}" height="{place.height}" rx="6" fill="#fff" '
            f'stroke="{colour}"/>'
        ),
        (
            f'<path d="M{x} {y + HEAD - 2} v-{HEAD - 8} a6 6 0 0 1 6 -6 h{BOX - 12} '
            f'a6 6 0 0 1 6 6 v{HEAD - 8} z" fill="{colour}"/>'
        ),
        f'<text class="h" x="{x + 8}" y="{y + 16}">{escape(table.name)}</text>',
    ]
    for row, (name, kind, _) in enumerate(table.columns):
        line = y + HEAD + ROW * row + 13
        strong = ' class="k"' if name in table.key else ""
        parts.append(f'<text{strong} x="{x + 8}" y="{line}">{escape(name)}</text>')
        shown = SHORT.get(kind, kind)
        parts.append(f'<text class="t" x="{x + BOX - 8}" y="{line}">{escape(shown)}</text>')
    return "\n".join(parts)
