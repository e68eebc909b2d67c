"""Rows on circles around a point behind the stage, as in most theatres."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, sin

from seatwright.catalog.domain.charts.draft import DraftPoint


@dataclass(frozen=True, slots=True)
class Fan:
    """Circles around (0, centre_y), seen from the stage: 0 is straight ahead, y grows away."""

    centre_y: float

    def at(self, radius: float, shift: float) -> DraftPoint:
        """The point `shift` centimetres along the circle, to the right when positive."""
        turn = shift / radius
        return radius * sin(turn), self.centre_y + radius * cos(turn)

    def block(self, near: tuple[float, float], far: tuple[float, float]) -> tuple[DraftPoint, ...]:
        """The outline between two arcs, each (radius, reach to both sides along it)."""
        return (*self._arc(*near), *reversed(tuple(self._arc(*far))))

    def _arc(self, radius: float, reach: float) -> Iterator[DraftPoint]:
        steps = max(1, round(reach / 100))
        for i in range(steps + 1):
            yield self.at(radius, reach * (2 * i / steps - 1))


def with_aisles(counts: Sequence[int], pitch: float, aisle: float) -> tuple[float, ...]:
    """
    Shifts of the seats of a centred row of blocks of `counts` seats.

    `aisle` is what an aisle adds to the distance of two seats (cm).
    """
    shifts: list[float] = []
    at = 0.0
    for count in counts:
        shifts.extend(at + i * pitch for i in range(count))
        at += count * pitch + aisle
    middle = (at - aisle - pitch) / 2
    return tuple(shift - middle for shift in shifts)
