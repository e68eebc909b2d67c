"""How often one address, and one account, may ask for seats, and how many guests may hold."""

from typing import Any

import httpx

from seatwright.contracts.accounts import PersonId, Principal
from tests.fakes.selling import FakeAccounts
from tests.integration.reservations.house import Connections, House, open_house
from tests.integration.reservations.shop import Town

ANNA = Principal(id="person-anna", person=PersonId("anna"), name="Anna", email=None)
LIMIT = 4
HERE = "198.51.100.7"


async def ask(house: House, forwarded: str, **headers: str) -> httpx.Response:
    """A hold as the gateway on this machine passes it on; the seat does not exist."""
    body: dict[str, Any] = {"event_id": house.town.event, "seats": ["A:99:99"]}
    said = {"X-Forwarded-For": forwarded, **headers}
    return await house.client.post("/v1/holds", json=body, headers=said)


async def test_an_address_may_ask_so_often_whatever_it_says_of_itself(
    town: Town, connections: Connections
) -> None:
    async with open_house(town, connections, holds_per_minute=LIMIT) as house:
        for n in range(LIMIT):
            answer = await ask(house, f"203.0.113.{n}, 198.51.100.7")
            assert answer.status_code == 422
        refused = await ask(house, "203.0.113.99, 198.51.100.7")
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (429, "rate_limited")
        assert refused.headers["retry-after"] == str(problem["retry_after_s"])
        assert 1 <= problem["retry_after_s"] <= 60 // LIMIT
        assert (await ask(house, "198.51.100.8")).status_code == 422, "others go on"


async def test_a_household_is_one_address(town: Town, connections: Connections) -> None:
    async with open_house(town, connections, holds_per_minute=LIMIT) as house:
        for n in range(LIMIT):
            assert (await ask(house, f"2001:db8:1:2::{n}")).status_code == 422
        assert (await ask(house, "2001:db8:1:2:ffff::1")).status_code == 429
        assert (await ask(house, "2001:db8:1:3::1")).status_code == 422


async def test_an_account_may_ask_so_often_from_all_of_its_addresses(
    town: Town, connections: Connections
) -> None:
    accounts = FakeAccounts(anna=ANNA)
    async with open_house(town, connections, accounts, holds_per_minute=LIMIT) as house:
        for n in range(LIMIT):
            answer = await ask(house, f"198.51.100.{n}", Authorization="Bearer anna")
            assert answer.status_code == 422
        again = await ask(house, "198.51.100.99", Authorization="Bearer anna")
        assert (again.status_code, again.json()["code"]) == (429, "rate_limited")
        assert (await ask(house, "198.51.100.99")).status_code == 422, "guests go on"


async def test_looking_is_not_limited(town: Town, connections: Connections) -> None:
    async with open_house(town, connections, holds_per_minute=1) as house:
        hold = await house.hold(seats=["A:1:1"])
        for _ in range(5):
            assert (await house.client.get(f"/v1/holds/{hold['id']}")).status_code == 200
        assert (await house.client.delete(f"/v1/holds/{hold['id']}")).status_code == 204


async def held(house: House, address: str, *seats: str, **more: Any) -> httpx.Response:
    """A hold of these seats, from an address."""
    headers = {"X-Forwarded-For": address} | more.pop("headers", {})
    body = {"event_id": house.town.event, "seats": list(seats)} | more
    return await house.client.post("/v1/holds", json=body, headers=headers)


def row(number: int, seats: int) -> list[str]:
    return [f"A:{number}:{seat}" for seat in range(1, seats + 1)]


async def test_guests_at_one_address_hold_so_many_seats_of_an_event(
    town: Town, connections: Connections
) -> None:
    accounts = FakeAccounts(anna=ANNA)
    async with open_house(town, connections, accounts, held_seats_per_address_max=10) as house:
        mine = {"hold_id": "mine-0123456789abcdef"}
        first = (await held(house, HERE, *row(1, 8), **mine)).json()
        assert (await held(house, HERE, *row(2, 2))).status_code == 201
        refused = await held(house, HERE, "A:3:1")
        problem = refused.json()
        assert (refused.status_code, problem["code"]) == (409, "address_seat_limit")
        assert "10 seats" in problem["detail"]
        again = await held(house, HERE, *row(1, 8), **mine)
        assert again.status_code == 201, "a repeat is no further hold"
        anna = await held(house, HERE, *row(4, 8), headers={"Authorization": "Bearer anna"})
        assert anna.status_code == 201, "an account has a limit of its own"
        assert (await held(house, "198.51.100.8", "A:3:1")).status_code == 201
        assert (await house.client.delete(f"/v1/holds/{first['id']}")).status_code == 204
        assert (await held(house, HERE, *row(1, 8))).status_code == 201, (
            "what is given back is free"
        )


async def test_guests_are_counted_by_event_and_household(connections: Connections) -> None:
    towns = Town(), Town()
    for town in towns:
        async with open_house(town, connections, held_seats_per_address_max=8) as house:
            assert (await held(house, "2001:db8:1:2::1", *row(1, 8))).status_code == 201
            refused = await held(house, "2001:db8:1:2:ffff::1", *row(2, 8))
            assert refused.json()["code"] == "address_seat_limit"
            assert (await held(house, "2001:db8:1:3::1", *row(2, 8))).status_code == 201


async def test_one_hold_is_never_more_than_an_address_may(
    town: Town, connections: Connections
) -> None:
    async with open_house(town, connections, held_seats_per_address_max=1) as house:
        assert (await held(house, HERE, *row(1, 8))).status_code == 201, "as many as one may order"
        assert (await held(house, HERE, *row(2, 1))).status_code == 409


async def test_without_the_limit_guests_hold_what_they_like(
    town: Town, connections: Connections
) -> None:
    async with open_house(town, connections, held_seats_per_address_max=0) as house:
        for number in range(1, 5):
            assert (await held(house, HERE, *row(number, 8))).status_code == 201
