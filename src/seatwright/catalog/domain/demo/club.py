"""
A club of exactly 600 places: a floor to stand on and a raised gallery of tables around it.

Twenty tables of four are sold seat by seat, ten tables of six only as a whole.
"""

from collections.abc import Iterator

from seatwright.catalog.domain.charts.author_json import chairs
from seatwright.catalog.domain.charts.draft import (
    ChartDraft,
    DraftArea,
    DraftCategory,
    DraftObject,
    DraftPoint,
    DraftSeat,
    DraftTable,
)
from seatwright.contracts.charts import SeatFlag

PLACES = 600
_STANDING = 460
_FOUR, _SIX = 4, 6

_CATEGORIES = (
    DraftCategory("floor", "Floor", "#EE6677"),
    DraftCategory("table", "Table seat", "#4477AA"),
    DraftCategory("lounge", "Lounge table", "#AA3377"),
)
_FLOOR = ((-900, 150), (900, 150), (900, 1_650), (-900, 1_650))


def club(name: str) -> ChartDraft:
    """The draft of the club; the same for the same name, 600 places."""
    return ChartDraft(
        name=name,
        categories=_CATEGORIES,
        tables=tuple(_tables()),
        areas=(DraftArea("FLOOR", "Floor", _STANDING, "floor", _FLOOR, "Main door"),),
        objects=_objects(),
        focus=(0, -100),
    )


def _tables() -> Iterator[DraftTable]:
    for number, (x, y) in enumerate(_small_places(), 1):
        yield _table(number, (x, y), _FOUR, accessible=number in (1, 11))
    for number, (x, y) in enumerate(_large_places(), 21):
        yield _table(number, (x, y), _SIX, accessible=False)


def _small_places() -> Iterator[DraftPoint]:
    # Two columns of five along either wall.
    for side in (-1, 1):
        for row in range(5):
            for column in (0, 1):
                yield side * (1_120 + 280 * column), 300 + 300 * row


def _large_places() -> Iterator[DraftPoint]:
    # Two rows of five behind the floor.
    for row in range(2):
        for column in range(5):
            yield -800 + 400 * column, 1_950 + 360 * row


def _table(number: int, at: DraftPoint, count: int, *, accessible: bool) -> DraftTable:
    x, y = at
    whole = count == _SIX
    radius = 75 if whole else 50
    category = "lounge" if whole else "table"
    # The first chair of an accessible table is left away for a wheelchair, the next is for
    # whoever comes along.
    flags = (SeatFlag.ACCESSIBLE, SeatFlag.COMPANION) if accessible else ()
    return DraftTable(
        key=f"T{number}",
        name=f"Table {number}",
        x=x,
        y=y,
        radius=radius,
        seats=tuple(
            DraftSeat(str(i + 1), *place, category, int(flags[i]) if i < len(flags) else 0)
            for i, place in enumerate(chairs(x, y, radius, count))
        ),
        whole=whole,
    )


def _objects() -> tuple[DraftObject, ...]:
    stage = ((-600, -500), (600, -500), (600, -100), (-600, -100))
    bar = ((-1_500, 2_600), (-600, 2_600), (-600, 2_720), (-1_500, 2_720))
    door = ((1_100, 2_600), (1_400, 2_600), (1_400, 2_700), (1_100, 2_700))
    emergency = ((-1_500, -150), (-1_250, -150), (-1_250, -50), (-1_500, -50))
    return (
        DraftObject("stage", "Stage", stage),
        DraftObject("bar", "Bar", bar),
        DraftObject("exit", "Main door", door),
        DraftObject("exit", "Exit", emergency),
    )
