"""The routes, asked as a browser and as a mischief-maker would."""

import asyncio
import base64
import struct
import uuid
from collections.abc import AsyncIterator

import pytest

from seatwright.contracts.accounts import PersonId, Principal
from seatwright.contracts.charts import unpack_states
from seatwright.contracts.reservations import Seat, read_hold
from tests.fakes.selling import CLOSES, FakeAccounts
from tests.integration.reservations.house import Connections, House, open_house
from tests.integration.reservations.shop import KEYS, Town

BINARY = "application/octet-stream"
ANNA = Principal(id="person-anna", person=PersonId("anna"), name="Anna", email=None)
BEN = Principal(id="person-ben", person=PersonId("ben"), name="Ben", email=None)


@pytest.fixture
def accounts() -> FakeAccounts:
    return FakeAccounts(anna=ANNA, ben=BEN)


@pytest.fixture
async def house(
    town: Town, connections: Connections, accounts: FakeAccounts
) -> AsyncIterator[House]:
    async with open_house(town, connections, accounts) as opened:
        yield opened


async def test_a_guest_holds_looks_lengthens_and_gives_back(
    house: House, accounts: FakeAccounts
) -> None:
    mine = str(uuid.uuid4())
    hold = await house.hold(seats=["A:1:2", "A:1:1"], hold_id=mine)

    assert hold["id"] == f"{house.town.event}.{mine}"
    assert hold["seats"][0] == {
        "id": "A:1:1",
        "seat": 0,
        "label": "Block A · Row 1 · Seat 1",
        "category": "one",
        "price": {"amount": 4500, "currency": "EUR"},
    }
    assert hold["total"] == {"amount": 9200, "currency": "EUR"}
    assert hold["server_time"] < hold["expires_at"]
    assert read_hold(KEYS, hold["hold_token"]).holder == f"hold:{mine}"
    again = await house.hold(seats=["A:1:1", "A:1:2"], hold_id=mine)
    assert again | {"server_time": hold["server_time"]} == hold
    found = (await house.client.get(f"/v1/holds/{hold['id']}")).json()
    assert found["hold_token"] == hold["hold_token"]

    longer = await house.client.post(f"/v1/holds/{hold['id']}/extensions")
    assert longer.status_code == 201
    assert longer.json()["extended"]
    assert longer.json()["expires_at"] > hold["expires_at"]

    for _ in range(2):
        gone = await house.client.delete(f"/v1/holds/{hold['id']}")
        assert gone.status_code == 204
    assert (await house.client.get(f"/v1/holds/{hold['id']}")).status_code == 404
    assert accounts.asked == 0, "guests cost nothing"


async def test_taken_seats_are_named_as_the_map_names_them(house: House) -> None:
    await house.hold(seats=["A:1:1", "A:1:2"])
    problem = await house.hold(409, seats=["A:1:2", "A:1:3"])
    assert problem["code"] == "seats_taken"
    assert problem["seats"] == ["A:1:2"]


async def test_what_is_not_yours_does_not_exist(house: House) -> None:
    anna = {"Authorization": "Bearer anna"}
    answer = await house.client.post(
        "/v1/holds", json={"event_id": house.town.event, "seats": ["A:1:1"]}, headers=anna
    )
    hold = answer.json()
    assert read_hold(KEYS, hold["hold_token"]).holder == "person-anna"
    at = f"/v1/holds/{hold['id']}"
    for headers in ({}, {"Authorization": "Bearer ben"}):
        for ask in (
            house.client.get(at, headers=headers),
            house.client.delete(at, headers=headers),
            house.client.post(f"{at}/extensions", headers=headers),
        ):
            refused = await ask
            assert refused.status_code == 404
            assert refused.json()["code"] == "hold_not_found"
    assert (await house.client.get(at, headers=anna)).status_code == 200
    assert (await house.client.get(at, headers={"Cookie": "session=anna"})).status_code == 200
    forged = await house.client.get(at, headers={"Authorization": "Bearer nobody"})
    assert forged.status_code == 401


async def test_an_idempotency_key_is_a_persons_own(house: House) -> None:
    body = {"event_id": house.town.event, "seats": ["A:1:1"]}
    key = {"Idempotency-Key": "1"}
    anna = key | {"Authorization": "Bearer anna"}
    first = await house.client.post("/v1/holds", json=body, headers=anna)
    again = await house.client.post("/v1/holds", json=body, headers=anna)
    assert first.json()["id"] == again.json()["id"]
    for other in (key, key | {"Authorization": "Bearer ben"}):
        refused = await house.client.post("/v1/holds", json=body, headers=other)
        assert refused.json()["code"] == "seats_taken"


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({}, 422, "one_of", ""),
        ({"seats": ["A:1:1"], "areas": [{"area": "pitch", "quantity": 1}]}, 422, "one_of", ""),
        ({"seats": []}, 422, "required", "/seats"),
        ({"seats": ["A:1:1", "Z:9:9"]}, 422, "unknown_seat", "/seats/1"),
        ({"seats": ["A:1:1", "A:1:1"]}, 422, "duplicate_seat", "/seats"),
        ({"seats": [f"A:1:{n}" for n in range(1, 10)]}, 422, "too_many_seats", "/seats"),
        ({"seats": ["x" * 81]}, 422, "invalid", "/seats/0"),
        ({"seats": [1]}, 422, "invalid", "/seats/0"),
        ({"seats": ["A:1:1"], "hold_id": "short"}, 422, "invalid", "/hold_id"),
        ({"seats": ["A:1:1"], "hold_id": "a" * 20 + "\n"}, 422, "invalid", "/hold_id"),
        ({"seats": ["A:1:1"], "price": 1}, 422, "unknown_field", "/price"),
        ({"best_available": {"quantity": 0}}, 422, "invalid", "/best_available/quantity"),
        ({"best_available": {"quantity": 9}}, 422, "too_many_seats", "/best_available/quantity"),
        (
            {"best_available": {"quantity": 1, "category": "gold"}},
            422,
            "unknown_category",
            "/best_available/category",
        ),
        (
            {"best_available": {"quantity": 1, "price_max": {"amount": 1, "currency": "USD"}}},
            422,
            "other_currency",
            "/best_available/price_max/currency",
        ),
        ({"areas": [{"area": "A", "quantity": 1}]}, 422, "unknown_area", "/areas/0/area"),
        ({"areas": [{"area": "pitch", "quantity": 9}]}, 422, "too_many_seats", "/areas"),
        ({"event_id": "nowhere", "seats": ["A:1:1"]}, 404, "event_not_found", None),
    ],
)
async def test_bad_requests_are_told_what_is_wrong(
    house: House, body: dict[str, object], status: int, code: str, pointer: str | None
) -> None:
    problem = await house.hold(status, **body)
    if pointer is None:
        assert problem["code"] == code
    else:
        error = problem["errors"][0]
        assert (error["code"], error["pointer"]) == (code, pointer)
    if "event_id" not in body:
        found = await house.client.get(f"/v1/events/{house.town.event}/availability")
        assert found.json()["counts"]["held"] == 0


@pytest.mark.parametrize("hold_id", ["x", "a.b", "nowhere.0123456789abcdefghij", "%01.%01", "…"])
async def test_strange_hold_ids_do_not_exist(house: House, hold_id: str) -> None:
    for ask in (
        house.client.get(f"/v1/holds/{hold_id}"),
        house.client.delete(f"/v1/holds/{hold_id}"),
        house.client.post(f"/v1/holds/{hold_id}/extensions"),
    ):
        assert (await ask).status_code == 404


async def test_each_form_of_the_map_has_a_tag_of_its_own(house: House) -> None:
    """Whoever has one form is not told that the other is the same."""
    at = f"/v1/events/{house.town.event}/availability"
    forms = {"json": {"Accept": "application/json"}, "binary": {"Accept": BINARY}}
    tags = {}
    for name, accept in forms.items():
        answer = await house.client.get(at, headers=accept)
        assert {word.strip() for word in answer.headers["vary"].split(",")} >= {
            "Accept",
            "Accept-Encoding",
        }
        tags[name] = answer.headers["etag"]
    for name, accept in forms.items():
        for of, tag in tags.items():
            answer = await house.client.get(at, headers={**accept, "If-None-Match": tag})
            assert answer.status_code == (304 if of == name else 200), (name, of)
            assert answer.headers["etag"] == tags[name]
            assert "Accept" in answer.headers["vary"]
    both = {**forms["binary"], "If-None-Match": f"{tags['json']}, {tags['binary']}"}
    assert (await house.client.get(at, headers=both)).status_code == 304


async def test_best_available_and_standing_places(house: House) -> None:
    pair = await house.hold(best_available={"quantity": 2, "category": "two"})
    assert {seat["category"] for seat in pair["seats"]} == {"two"}
    cheap = await house.hold(
        best_available={"quantity": 3, "price_max": {"amount": 3000, "currency": "EUR"}}
    )
    assert {seat["price"]["amount"] for seat in cheap["seats"]} == {3000}
    standing = await house.hold(areas=[{"area": "pitch", "quantity": 3}])
    assert all(seat["id"].startswith("pitch:") for seat in standing["seats"])
    none = await house.hold(409, best_available={"quantity": 2, "accessible": True})
    assert none["code"] == "no_suitable_seats"


async def test_a_sale_that_is_not_open_says_when(house: House) -> None:
    house.town.catalog.change(house.town.event, on_sale_at=CLOSES)
    problem = await house.hold(409, seats=["A:1:1"])
    assert problem["code"] == "not_on_sale"
    assert problem["on_sale_at"] == "2099-01-01T00:00:00.000Z"


async def test_availability_as_json_and_binary(house: House) -> None:
    event = house.town.event
    await house.hold(seats=["A:1:1"])
    await house.contract.sold(event=event, seats=[Seat(1)])
    await house.contract.blocked(event=event, seats=[Seat(84)])

    answer = await house.client.get(f"/v1/events/{event}/availability")
    document = answer.json()
    assert answer.headers["cache-control"] == "public, max-age=1"
    assert answer.headers["content-encoding"] == "gzip"
    assert document["counts"] == {"free": 121, "held": 1, "sold": 1, "blocked": 1}
    assert document["categories"] == [{"key": "one", "free": 42}, {"key": "two", "free": 79}]
    assert {"key": "A", "free": 38} in document["sections"]
    assert document["areas"] == [{"key": "pitch", "free": 39}]
    states = unpack_states(base64.b64decode(document["seats"]), 124)
    assert {seat: state for seat, state in enumerate(states) if state} == {0: 1, 1: 2, 84: 3}

    plain = {"Accept": "application/octet-stream", "Accept-Encoding": "identity"}
    binary = await house.client.get(f"/v1/events/{event}/availability", headers=plain)
    magic, form, version, count, epoch = struct.unpack(">4sB3xQI4x8s", binary.content[:32])
    assert (magic, form, count) == (b"SWAV", 1, 124)
    assert (version, epoch.decode()) == (document["version"], document["epoch"])
    assert binary.content[32:] == base64.b64decode(document["seats"])
    assert binary.headers["content-type"] == "application/octet-stream"

    unchanged = await house.client.get(
        f"/v1/events/{event}/availability", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    missing = await house.client.get("/v1/events/nowhere/availability")
    assert missing.json()["code"] == "event_not_found"


async def test_a_snapshot_is_prepared_once_for_many(house: House) -> None:
    path = f"/v1/events/{house.town.event}/availability"
    answers = await asyncio.gather(*(house.client.get(path) for _ in range(50)))
    assert len({answer.content for answer in answers}) == 1
    assert house.town.catalog.asked == 2, "for the sale, and for the filling"


async def test_changes_since_a_version(house: House) -> None:
    path = f"/v1/events/{house.town.event}/availability"
    start = (await house.client.get(path)).json()
    hold = await house.hold(seats=["A:1:1", "A:1:3"])
    await house.client.delete(f"/v1/holds/{hold['id']}")

    told = (await house.client.get(f"{path}/changes?since={start['version']}")).json()
    version = start["version"]
    assert told == {
        "version": version + 2,
        "epoch": start["epoch"],
        "changes": [[version + 1, 1, [0, 2]], [version + 2, 0, [0, 2]]],
        "resync": False,
    }
    for since in (0, version - 2, version + 99):
        other = (await house.client.get(f"{path}/changes?since={since}")).json()
        assert (other["resync"], other["changes"]) == (True, [])
    for bad in ("", "?since=-1", "?since=x", f"?since={2**60}"):
        assert (await house.client.get(f"{path}/changes{bad}")).status_code == 422
