"""Whatever is cut off in the middle is carried on, once (`drills`)."""

from pathlib import Path

import pytest

import seatwright.run.targets  # noqa: F401  # declares every point
from seatwright.kit import crash
from tests.acceptance import drills
from tests.acceptance.house import House
from tests.acceptance.shop import Gala, Organiser, Shop

pytestmark = pytest.mark.mode("all")
SOURCE = Path(__file__).parents[2] / "src" / "seatwright"


def test_every_point_in_the_code_has_a_drill() -> None:
    drills.every_point_has_a_drill(SOURCE)
    assert set(crash.POINTS) == set(drills.DRILLS) > set(drills.APART)


@pytest.mark.parametrize("point", drills.DRILLS)
async def test_a_power_cut(
    house: House, shop: Shop, organiser: Organiser, gala: Gala, point: str
) -> None:
    await drills.power_cut(house, shop, organiser, gala, point)


@pytest.mark.mode("split")
@pytest.mark.parametrize("point", drills.APART)
async def test_a_power_cut_with_services_apart(
    house: House, shop: Shop, organiser: Organiser, gala: Gala, point: str
) -> None:
    await drills.power_cut(house, shop, organiser, gala, point)
