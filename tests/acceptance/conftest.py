"""
Two installations: everything in one process, and every service alone.

With two test processes (`-n 2 --dist loadgroup`) they run side by side.
"""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.acceptance.house import House
from tests.acceptance.shop import Gala, Organiser, Shop, open_shop

BOTH = ("all", "split")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests run in both modes unless they name the one they are about: `@pytest.mark.mode(…)`."""
    if "house" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("mode")
        modes = BOTH if mark is None else mark.args
        metafunc.parametrize("house", modes, indirect=True, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Three groups of about the same length, each with one installation."""
    for item in items:
        call = getattr(item, "callspec", None)
        mode = call.params.get("house", "all") if call else "all"
        crashes = mode == "all" and item.path.stem == "test_crash_points"
        item.add_marker(pytest.mark.xdist_group("crash points" if crashes else mode))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "mode(*names): the installations this test is about")


@pytest.fixture(scope="session")
async def house(request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """A running installation; nothing of it survives the tests."""
    async with House.open(split=request.param == "split") as running:
        yield running


@pytest.fixture(scope="session")
async def shop(house: House) -> AsyncIterator[Shop]:
    """A guest, through the gateway."""
    async with open_shop(house.base) as client:
        yield client


@pytest.fixture(scope="session")
async def organiser(house: House, shop: Shop) -> Organiser:
    """Who makes events and scans tickets."""
    return Organiser(house, shop)


@pytest.fixture
async def gala(organiser: Organiser) -> Gala:
    """An event of 200 seats that no other test sells from."""
    return await organiser.gala()


@pytest.fixture
def make_gala(organiser: Organiser) -> Callable[..., Awaitable[Gala]]:
    """Further events, of another kind."""
    return organiser.gala
