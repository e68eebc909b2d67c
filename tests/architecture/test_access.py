"""Every route has a policy, and the platform as it is assembled keeps to it for every kind."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest

from seatwright.run import assembly
from seatwright.run.assembly import Assembly
from tests.architecture.access import ENDINGS, KINDS, POLICIES
from tests.architecture.askers import World, open_world, verdict
from tests.architecture.test_openapi import ROUTES
from tests.integration.catalog.box_office import CSV


def test_no_route_is_without_a_policy():
    routes = {" ".join(line.split()) for line in ROUTES.read_text().splitlines()}
    assert routes - set(POLICIES) == set(), "say in access.py who may"
    assert set(POLICIES) - routes == set(), "a policy for what is not there"
    assert set(ENDINGS) <= set(POLICIES)


@pytest.fixture(scope="module")
async def world(built: Assembly, application: Any, installed_url: str) -> AsyncIterator[World]:
    async with assembly.following(built):
        yield await open_world(built, application, installed_url)


async def test_every_kind_of_asker_is_answered_as_the_routes_policy_says(world: World) -> None:
    document = (await world.ask("guest", "GET", "/v1/openapi.json")).json()
    wrong = []
    for route in (*(one for one in POLICIES if one not in ENDINGS), *ENDINGS):
        method, path = route.split()
        address = re.sub(r"{(\w+)}", lambda part: world.names[part[1]], path)
        if path.endswith("/changes"):
            address += "?since=0"
        body = _example(document["paths"][path][method.lower()], world)
        # Charts come as files.
        csv = CSV if method in {"POST", "PUT"} and path.endswith(("/charts", "/draft")) else ""
        for kind in KINDS:
            answer = await world.ask(kind, method, address, body, csv=csv)
            found, due = verdict(answer), POLICIES[route](kind)
            if found != due:
                wrong.append(f"{route}: {kind.name} was {found} ({answer.status}), not {due}")
    assert not wrong, "\n".join(wrong)


def _example(operation: dict[str, Any], world: World) -> Any:
    contents = operation.get("requestBody", {}).get("content", {}).values()
    example = next((content["example"] for content in contents), None)
    if isinstance(example, dict) and "event_id" in example:
        return {**example, "event_id": world.names["event_id"]}
    return example
