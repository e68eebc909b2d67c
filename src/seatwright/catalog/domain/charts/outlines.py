"""Polygons: whether one is sound, and one around given points."""

from collections.abc import Iterable, Sequence
from math import hypot, isfinite

from seatwright.catalog.domain.charts.draft import DraftPoint
from seatwright.contracts.charts import COORDINATE_CM_MAX

OUTLINE_POINTS_MAX = 200  # per outline: a curve as smooth as a map can show
_CORNERS_MIN = 3


def coordinates_problem(points: Iterable[DraftPoint]) -> tuple[str, str] | None:
    """Code and words for a point that is nowhere or too far away."""
    for point in points:
        if not all(map(isfinite, point)):
            return "coordinate_not_finite", "A coordinate is not a number."
        if max(map(abs, point)) > COORDINATE_CM_MAX:
            return "coordinate_out_of_range", f"At most {COORDINATE_CM_MAX} cm from the origin."
    return None


def outline_problem(points: Sequence[DraftPoint]) -> tuple[str, str] | None:
    """Code and words for the first thing wrong with a polygon, None when it is sound."""
    if len(points) > OUTLINE_POINTS_MAX:
        return "outline_too_detailed", f"An outline has at most {OUTLINE_POINTS_MAX} points."
    if found := coordinates_problem(points):
        return found
    corners = [point for index, point in enumerate(points) if point != points[index - 1]]
    if len(corners) < _CORNERS_MIN or _area(corners) == 0:
        return "outline_flat", "An outline needs three corners that enclose something."
    if _crosses_itself(corners):
        return "outline_crosses_itself", "Two sides of the outline cross each other."
    return None


def around(points: Sequence[DraftPoint], margin: float) -> tuple[DraftPoint, ...]:
    """The convex outline of discs of radius `margin` (cm) around the points."""
    slant = margin * 0.7071
    steps = (
        (margin, 0.0), (slant, slant), (0.0, margin), (-slant, slant),
        (-margin, 0.0), (-slant, -slant), (0.0, -margin), (slant, -slant),
    )  # fmt: skip
    return _hull(sorted({(x + dx, y + dy) for x, y in _hull(sorted(points)) for dx, dy in steps}))


def _hull(points: Sequence[DraftPoint]) -> tuple[DraftPoint, ...]:
    # Andrew's monotone chain over sorted points.
    chains: list[DraftPoint] = []
    for ordered in (points, points[::-1]):
        chain: list[DraftPoint] = []
        for point in ordered:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        chains.extend(chain[:-1] or chain)
    return tuple(chains)


def _turn(a: DraftPoint, b: DraftPoint, c: DraftPoint) -> float:
    # Positive when the way a → b → c turns one way, negative the other, 0 when straight.
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _area(points: Sequence[DraftPoint]) -> float:
    pairs = zip(points, (*points[1:], points[0]), strict=True)
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairs)


def _crosses_itself(points: Sequence[DraftPoint]) -> bool:
    # Sides sorted by their left end; only those whose x-ranges meet are compared.
    size = len(points)
    sides = sorted(
        (min(a[0], b[0]), max(a[0], b[0]), index, a, b)
        for index, (a, b) in enumerate(zip(points, (*points[1:], points[0]), strict=True))
    )
    for at, (_, right, index, a, b) in enumerate(sides):
        for left, _, other, c, d in sides[at + 1 :]:
            if left > right:
                break
            neighbours = (index - other) % size in (1, size - 1)
            if neighbours and not _folds_back(a, b, c, d):
                continue
            if neighbours or _meet(a, b, c, d):
                return True
    return False


def _folds_back(a: DraftPoint, b: DraftPoint, c: DraftPoint, d: DraftPoint) -> bool:
    # Two sides with a common corner that lie upon each other.
    corner, one, two = (b, a, d) if b == c else (a, b, c)
    if _turn(one, corner, two) != 0:
        return False
    u = (one[0] - corner[0], one[1] - corner[1])
    v = (two[0] - corner[0], two[1] - corner[1])
    return u[0] * v[0] + u[1] * v[1] > 0


def _meet(a: DraftPoint, b: DraftPoint, c: DraftPoint, d: DraftPoint) -> bool:
    abc, abd, cda, cdb = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if ((abc > 0) != (abd > 0)) and ((cda > 0) != (cdb > 0)) and 0 not in (abc, abd, cda, cdb):
        return True
    touching = ((abc, a, b, c), (abd, a, b, d), (cda, c, d, a), (cdb, c, d, b))
    return any(turn == 0 and _between(p, q, r) for turn, p, q, r in touching)


def _between(a: DraftPoint, b: DraftPoint, point: DraftPoint) -> bool:
    # Whether a point on the line through a and b lies on the side itself.
    whole = hypot(b[0] - a[0], b[1] - a[1])
    return (
        hypot(point[0] - a[0], point[1] - a[1]) <= whole
        and hypot(point[0] - b[0], point[1] - b[1]) <= whole
    )
