"""Every service in its own process: each answers for its own routes, and fails alone."""

import fnmatch
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from seatwright.kit import ids
from seatwright.kit.web import suffixes
from seatwright.run.targets import SERVICES
from tests.acceptance.house import House
from tests.acceptance.insight import until
from tests.acceptance.shop import Answer, Gala, Organiser, Shop, new_key, patiently, placed

pytestmark = pytest.mark.mode("split")
NOWHERE = "no-such-thing"
WRITES = ("POST", "PUT", "PATCH")
# Every route of the product, pinned by a test of its own.
ROUTES = Path(__file__).parents[1] / "architecture" / "routes.txt"


@dataclass(frozen=True)
class Probe:
    """A request that one service answers by itself, and what it answers when it lives."""

    method: str
    path: str
    statuses: tuple[int, ...]
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(self, shop: Shop, gala: Gala, **headers: str) -> Answer:
        path = self.path.replace("{event}", gala.id)
        return await shop.ask(self.method, path, self.body, **self.headers, **headers)


PROBES: dict[str, Probe] = {
    "catalog": Probe("GET", "/v1/events", (200,)),
    "accounts": Probe("GET", "/v1/sessions", (401,)),
    "reservations": Probe("GET", "/v1/events/{event}/availability", (200,)),
    "orders": Probe("GET", "/v1/orders/ABC-DEF-GHJ", (404,), headers={"X_Order_Secret": "guess"}),
    "delivery": Probe("GET", f"/v1/tickets/{NOWHERE}.pdf", (401, 403, 404)),
    "entry": Probe("POST", "/v1/check-ins", (401,), {"code": "SW1.x"}),
}


def test_every_service_with_routes_has_a_probe() -> None:
    assert set(PROBES) == {service.name for service in SERVICES if service.paths}


@pytest.mark.parametrize("service", PROBES)
async def test_a_request_is_answered_by_its_own_service(
    house: House, shop: Shop, gala: Gala, service: str
) -> None:
    mark = f"probe-{service}-{ids.short_id()}"
    answer = await PROBES[service].ask(shop, gala, X_Request_Id=mark)
    assert answer.status in PROBES[service].statuses, answer
    assert answer.headers["X-Request-ID"] == mark

    async def logged() -> list[str]:
        return [
            name
            for name in house.apis()
            for line in house.lines(name)
            if line.get("request_id") == mark and line["event"] == "request"
        ]

    assert await until(logged, "the request is in a log") == [service]


async def test_every_route_is_answered_by_the_service_that_its_address_belongs_to(
    house: House, shop: Shop, gala: Gala
) -> None:
    asked: dict[str, tuple[str, str]] = {}
    for line in ROUTES.read_text().splitlines():
        method, route = line.split()
        path = re.sub(r"\{\w+\}", lambda part: gala.id if "event" in part[0] else NOWHERE, route)
        mark = f"route-{ids.short_id()}"
        asked[mark] = (route, owner(path))
        answer = await shop.ask(method, path, b"{}" if method in WRITES else None,
                                Content_Type="application/json", X_Request_Id=mark)  # fmt: skip
        assert 0 < answer.status < 500, f"{method} {path}: {answer}"
    answered: dict[str, tuple[str, str]] = {}

    async def logged() -> bool:
        for name in house.apis():
            for line in house.lines(name):
                if line["event"] == "request" and line["request_id"] in asked:
                    answered[line["request_id"]] = (in_words(line["route"]), name)
        return answered.keys() == asked.keys()

    await until(logged, "every request is in a log")
    wrong = {asked[mark]: answered[mark] for mark in asked if answered[mark] != asked[mark]}
    assert wrong == {}
    assert {service for _, service in asked.values()} == set(PROBES)


def in_words(route: str) -> str:
    """A handler's own address as the outside writes it."""
    return suffixes.outward(re.sub(r":\w+\}", "}", route))


def owner(path: str) -> str:
    """The service that an address belongs to, by the one table of addresses."""
    return next(
        service.name
        for service in SERVICES
        if any(fnmatch.fnmatchcase(path, pattern) for pattern in service.paths)
    )


async def test_after_a_whole_purchase_no_service_has_answered_for_another(
    house: House, shop: Shop, organiser: Organiser, gala: Gala
) -> None:
    order = await shop.bought(gala, gala.row(0)[:2])
    (ticket, *_) = await shop.until_tickets(order)
    assert (await shop.get(ticket["pdf_url"])).status == 200
    assert (await organiser.scan(ticket["code"], gala)).ok()["result"] == "admitted"
    owners: dict[str, set[str]] = {}

    async def logged() -> bool:
        owners.clear()
        for name in house.apis():
            for line in house.lines(name):
                if line["event"] == "request" and line["route"] != "unrouted":
                    owners.setdefault(line["route"], set()).add(name)
        return "/v1/check-ins" in owners

    # A request is written down once its answer is sent.
    await until(logged, "the last request is in a log")
    assert {route: names for route, names in owners.items() if len(names) > 1} == {}
    assert owners["/v1/holds"] == {"reservations"}
    assert owners["/v1/orders"] == {"orders"}
    assert owners["/v1/check-ins"] == {"entry"}


@pytest.mark.parametrize("dead", PROBES)
async def test_a_service_that_is_away_takes_only_its_own_routes_along(
    house: House, shop: Shop, gala: Gala, dead: str
) -> None:
    for probe in PROBES.values():
        assert (await probe.ask(shop, gala)).status in probe.statuses
    await house.halt(dead)
    try:
        for service, probe in PROBES.items():
            answer = await probe.ask(shop, gala)
            if service == dead:
                problem = answer.problem(503, "unavailable")
                assert problem["retry_after_s"] >= 1
                assert answer.headers["Retry-After"]
            else:
                assert answer.status in probe.statuses, f"{service} without {dead}: {answer}"
    finally:
        await house.begin(dead)
    back = await patiently(PROBES[dead].ask, shop, gala)
    assert back.status in PROBES[dead].statuses


async def test_while_payments_are_away_orders_wait_in_doubt(
    house: House, shop: Shop, gala: Gala
) -> None:
    hold = await shop.held(gala, gala.row(1)[:2])
    await house.halt("payments")
    try:
        answer = await shop.place(hold["hold_token"], key=new_key())
        order = placed(answer.ok(201), "")
        assert order.view["status"] == "payment_in_doubt"
    finally:
        await house.begin("payments")
    await shop.until_status(order, "paid")
    await shop.until_tickets(order)
    await house.sound()


async def test_a_gate_lets_people_in_while_orders_are_away(
    house: House, shop: Shop, organiser: Organiser, gala: Gala
) -> None:
    order = await shop.bought(gala, gala.row(2)[:1])
    (ticket,) = await shop.until_tickets(order)
    await house.halt("orders")
    try:
        first = (await organiser.scan(ticket["code"], gala)).ok()
        second = (await organiser.scan(ticket["code"], gala)).ok()
    finally:
        await house.begin("orders")
    assert (first["result"], first["checked"]) == ("admitted", "offline")
    assert (second["result"], second["reason"]) == ("refused", "already_used")

    async def told() -> bool:
        found = await shop.get(f"/v1/orders/{order.code}/tickets", X_Order_Secret=order.secret)
        return found.status == 200 and found.body["items"][0]["status"] == "used"

    await until(told, "orders hears of it")


async def test_whichever_service_is_asked_the_description_is_of_the_whole_api(shop: Shop) -> None:
    paths = (await shop.get("/v1/openapi.json")).ok()["paths"]
    told = {(method.upper(), path) for path, item in paths.items() for method in item}
    assert told == {tuple(line.split()) for line in ROUTES.read_text().splitlines()}
    assert (await shop.get("/v1/schema/openapi.json")).status == 404
