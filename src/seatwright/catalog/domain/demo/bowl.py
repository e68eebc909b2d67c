"""
The shape of a stadium: rows run at equal distances around a rounded rectangle.

The inner edge is a superellipse. A row at distance d from it has the length `s + d * angle`,
where s is the length along the edge and angle the direction in which the row faces: that is how
offset curves of convex shapes behave, and it spaces seats evenly also in the corners.
"""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from math import atan2, copysign, cos, hypot, pi, sin, tau

from seatwright.catalog.domain.charts.draft import DraftPoint

_SAMPLES = 8192  # one every few centimetres of the inner edge
_OUTLINE_STEP_CM = 400


class Bowl:
    """
    Curves around |x/a|^n + |y/b|^n = 1 (centimetres), walked from the left end.

    Positions on the edge are lengths from 0 to `length`; `out` is the distance outwards.
    """

    def __init__(self, a: float, b: float, power: float) -> None:
        points = [_edge(a, b, power, pi + tau * i / _SAMPLES) for i in range(_SAMPLES + 1)]
        self._x = [x for x, _, _ in points]
        self._y = [y for _, y, _ in points]
        self._angle = [pi]
        self._along = [0.0]
        for (x1, y1, _), (x2, y2, angle) in pairwise(points):
            self._along.append(self._along[-1] + hypot(x2 - x1, y2 - y1))
            step = (angle - self._angle[-1] + pi) % tau - pi  # unwind past every full turn
            self._angle.append(self._angle[-1] + step)
        self.length = self._along[-1]

    def first_right_of(self, x: float) -> float:
        """The position on the edge, coming from the left end, that is right of `x`."""
        return next(along for along, at in zip(self._along, self._x, strict=True) if at > x)

    def width(self, start: float, end: float, out: float) -> float:
        """The length of the row at distance `out` between two positions of the edge."""
        return self._row_length(end, out) - self._row_length(start, out)

    def between(self, start: float, end: float, out: float, share: float) -> float:
        """The position on the edge that divides the row at distance `out`, 0 ≤ share ≤ 1."""
        low = self._row_length(start, out)
        return self._position(low + share * (self._row_length(end, out) - low), out)

    def point(self, start: float, out: float, shift: float) -> DraftPoint:
        """The point on the row at distance `out`, `shift` centimetres along from `start`."""
        return self._at(self._position(self._row_length(start, out) + shift, out), out)

    def outline(
        self, start: float, end: float, near: float, far: float, inset: float
    ) -> tuple[DraftPoint, ...]:
        """A block between two rows, shortened by `inset` at both sides."""
        return (
            *self._arc(start, end, near, inset),
            *reversed(tuple(self._arc(start, end, far, inset))),
        )

    def _arc(self, start: float, end: float, out: float, inset: float) -> Iterator[DraftPoint]:
        length = self.width(start, end, out) - 2 * inset
        steps = max(1, round(length / _OUTLINE_STEP_CM))
        for i in range(steps + 1):
            yield self.point(start, out, inset + length * i / steps)

    def _row_length(self, along: float, out: float) -> float:
        at = min(max(bisect_left(self._along, along), 1), _SAMPLES)
        before, after = self._along[at - 1], self._along[at]
        share = (along - before) / (after - before)
        angle = self._angle[at - 1] + share * (self._angle[at] - self._angle[at - 1])
        return along + out * angle

    def _position(self, row_length: float, out: float) -> float:
        at = bisect_left(
            range(_SAMPLES + 1),
            row_length,
            lo=1,
            hi=_SAMPLES,
            key=lambda i: self._along[i] + out * self._angle[i],
        )
        low = self._along[at - 1] + out * self._angle[at - 1]
        high = self._along[at] + out * self._angle[at]
        share = (row_length - low) / (high - low)
        return self._along[at - 1] + share * (self._along[at] - self._along[at - 1])

    def _at(self, along: float, out: float) -> DraftPoint:
        at = min(max(bisect_left(self._along, along), 1), _SAMPLES)
        before, after = self._along[at - 1], self._along[at]
        share = (along - before) / (after - before)
        angle = self._angle[at - 1] + share * (self._angle[at] - self._angle[at - 1])
        x = self._x[at - 1] + share * (self._x[at] - self._x[at - 1])
        y = self._y[at - 1] + share * (self._y[at] - self._y[at - 1])
        return x + out * cos(angle), y + out * sin(angle)


def _edge(a: float, b: float, power: float, turn: float) -> tuple[float, float, float]:
    # A point of the superellipse and the direction its normal points to.
    c, s = cos(turn), sin(turn)
    x = copysign(abs(c) ** (2 / power), c) * a
    y = copysign(abs(s) ** (2 / power), s) * b
    nx = copysign(abs(x / a) ** (power - 1) / a, x)
    ny = copysign(abs(y / b) ** (power - 1) / b, y)
    return x, y, atan2(ny, nx)
