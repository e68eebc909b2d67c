"""A plain, honest layout for charts that came without coordinates."""

from collections.abc import Iterator, Sequence

from seatwright.catalog.domain.charts.draft import DraftRow, DraftSeat, DraftSection

SEAT_PITCH_CM = 50  # centre to centre, the usual width of a theatre seat
ROW_PITCH_CM = 85  # back to back: room to pass a seated person
SECTION_GAP_CM = 250  # an aisle that can be seen on the map
_SHELF_WIDTH_CM = 8_000  # then sections go on behind the first ones


def spread_out(sections: Sequence[DraftSection]) -> tuple[DraftSection, ...]:
    """
    Give every seat a place, replacing what it had.

    Rows are straight, centred and behind each other; sections stand side by side in the order
    given, in shelves of about 80 m, facing the upper edge.
    """
    return tuple(_shelved(sections))


def row_width(seats: int) -> int:
    """Centimetres between the first and the last seat of a row."""
    return (seats - 1) * SEAT_PITCH_CM


def _shelved(sections: Sequence[DraftSection]) -> Iterator[DraftSection]:
    x = y = depth = 0
    for section in sections:
        width = row_width(max((len(row.seats) for row in section.rows), default=1))
        if x and x + width > _SHELF_WIDTH_CM:
            x, y, depth = 0, y + depth + SECTION_GAP_CM, 0
        rows = tuple(
            _placed(row, x + (width - row_width(len(row.seats))) / 2, y + index * ROW_PITCH_CM)
            for index, row in enumerate(section.rows)
        )
        yield DraftSection(
            section.key, section.name, rows, section.level, section.entrance, section.outline
        )
        x += width + SECTION_GAP_CM
        depth = max(depth, len(rows) * ROW_PITCH_CM)


def _placed(row: DraftRow, x: float, y: float) -> DraftRow:
    return DraftRow(
        row.name,
        tuple(
            DraftSeat(seat.label, x + i * SEAT_PITCH_CM, y, seat.category, seat.flags, seat.line)
            for i, seat in enumerate(row.seats)
        ),
    )
