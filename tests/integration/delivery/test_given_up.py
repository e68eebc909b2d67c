"""What was given up of an organisation: seen and sent again by it, and by nobody else."""

from typing import Any

import msgspec
import pytest

from seatwright.contracts.catalog import EventForSale
from seatwright.kit import dead_letters, ids
from tests.fakes.sold import an_event
from tests.integration.delivery.house import House


class Box:
    """An organisation's dead letters, by its token."""

    def __init__(self, house: House, organisation: str, *scopes: str) -> None:
        self.house = house
        self.path = f"/v1/organisations/{organisation}/dead-letters"
        token = house.accounts.add(organisation, *(scopes or ("delivery:write",)))
        self.headers = {"authorization": f"Bearer {token}"}

    async def listed(self, query: str = "") -> dict[str, Any]:
        answer = await self.house.client.get(self.path + query, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def ask(self, method: str, more: str) -> tuple[int, str]:
        answer = await self.house.client.request(method, self.path + more, headers=self.headers)
        return answer.status_code, answer.json()["code"] if answer.content else ""


@pytest.fixture
def event(house: House) -> EventForSale:
    return house.catalog.add(an_event(organisation=f"org-{ids.short_id()}"))


async def given_up(house: House, payload: Any, consumer: str = "delivery-orders") -> None:
    headers = {
        "Seatwright-Subject": f"work.test.{ids.short_id()}",
        "Seatwright-Consumer": consumer,
        "Seatwright-Fault": "NotSent('the server at 10.0.0.5 refused')",
        "Nats-Msg-Id": ids.sortable_id(),
    }
    content = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
    await house.broker.stream.publish(f"dead.{consumer}", content, headers=headers)


async def test_an_organisation_sees_what_is_about_its_events(
    house: House, event: EventForSale
) -> None:
    other = house.catalog.add(an_event(organisation="others"))
    box = Box(house, event.organisation)
    for payload in (
        {"event": event.id, "order": "o1", "secret": "hush"},
        {"event": other.id, "order": "o2"},
        {"event": "gone", "order": "o3"},
        {"to": "ada@example.com", "link": "hush"},
        [event.id],
        b"\x00 no JSON",
        {"event": event.id, "order": "o4"},
    ):
        await given_up(house, payload)
    # Money, seats and admissions are the operators'.
    await given_up(house, {"event": event.id, "order": "o5"}, consumer="orders-capture")
    items = (await box.listed())["items"]
    assert [(one["order_id"], one["event_id"]) for one in items] == [
        ("o1", event.id), ("o4", event.id),
    ]  # fmt: skip
    assert items[0]["fault"] == "NotSent"
    assert "hush" not in str(items) + "10.0.0.5"
    page = await box.listed("?limit=1")
    assert [one["order_id"] for one in page["items"]] == ["o1"]
    rest = await box.listed(f"?limit=1&cursor={page['next']}")
    assert ([one["order_id"] for one in rest["items"]], rest["next"]) == (["o4"], None)


async def test_it_is_sent_again_or_dropped_once_and_by_nobody_else(
    house: House, event: EventForSale
) -> None:
    box = Box(house, event.organisation)
    for order in ("o1", "o2"):
        await given_up(house, {"event": event.id, "order": order})
    one, two = (item["id"] for item in (await box.listed())["items"])
    stranger = Box(house, "elsewhere")
    assert (await stranger.listed())["items"] == []
    for method, more in (("POST", f"/{one}/replays"), ("DELETE", f"/{one}")):
        assert await stranger.ask(method, more) == (404, "dead_letter_not_found")
        weak = Box(house, event.organisation, "orders:read")
        assert await weak.ask(method, more) == (404, "not_found")
    assert await box.ask("POST", f"/{one}/replays") == (204, "")
    assert await box.ask("DELETE", f"/{two}") == (204, "")
    for gone in (one, two, "0", "x", "9" * 30, "-1"):
        assert await box.ask("POST", f"/{gone}/replays") == (404, "dead_letter_not_found")
    with pytest.raises(dead_letters.NoDeadLetter):
        await dead_letters.one(house.broker, int(one))
