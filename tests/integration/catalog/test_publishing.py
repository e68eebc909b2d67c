"""What an organiser publishes is what every process shows."""

import asyncio

import asyncpg

from seatwright.catalog.service.answers import Answers
from tests.integration.catalog.box_office import Organiser, Process, until


async def test_a_published_event_is_visible_in_every_process(
    house: Organiser, here: Process, there: Process
) -> None:
    event = await house.publish(title="Aurora by the Sea")
    assert event["state"] == "published"
    assert event["published_version"] == 1
    assert (await here.get(f"/v1/events/{event['id']}")).status_code == 200

    async def shown_there() -> bool:
        return (await there.get(f"/v1/events/{event['slug']}")).status_code == 200

    await until(shown_there)
    page = (await there.get(f"/v1/events/{event['id']}")).json()
    assert page["title"] == "Aurora by the Sea"
    assert page["status"] == "on_sale"
    assert page["venue"]["city"] == "Hamburg"
    assert [c["key"] for c in page["categories"]] == ["front", "back"]
    assert page["categories"][0]["price"] == {"amount": 5250, "currency": "EUR"}
    assert page["categories"][1]["price"] == {"amount": 3100, "currency": "EUR"}
    assert page["price_from"]["amount"] == 3100
    assert page["price_to"]["amount"] == 5250
    assert page["order_fee"] == {"amount": 200, "currency": "EUR"}
    assert page["accessible"] is True
    assert page["seat_count"] == 10
    assert page["chart"] == house.chart


async def test_a_draft_is_nobody_elses_business(house: Organiser, here: Process) -> None:
    event = await house.add_event()
    answer = await here.get(f"/v1/events/{event['id']}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "event_not_found"


async def test_an_edit_is_seen_when_it_is_published_and_not_before(
    house: Organiser, here: Process, there: Process
) -> None:
    event = await house.publish(title="First title")
    path = f"/events/{event['id']}"
    read = await house.get(path)
    edited = await house.patch(path, {"title": "Second title"}, if_match=read.headers["etag"])
    assert edited.status_code == 200, edited.text
    assert (await here.get(f"/v1/events/{event['id']}")).json()["title"] == "First title"
    again = await house.post(f"{path}/publications", if_match=edited.headers["etag"])
    assert again.status_code == 201
    assert again.json()["published_version"] == 2
    assert (await here.get(f"/v1/events/{event['id']}")).json()["title"] == "Second title"

    async def second_there() -> bool:
        return (await there.get(f"/v1/events/{event['id']}")).json()["title"] == "Second title"

    await until(second_there)


async def test_of_two_edits_of_one_version_the_second_is_refused(
    house: Organiser, truth: asyncpg.Pool
) -> None:
    event = await house.add_event(title="Once")
    path = f"/events/{event['id']}"
    tag = (await house.get(path)).headers["etag"]
    answers = await asyncio.gather(
        *(house.patch(path, {"title": f"Edit {n}"}, if_match=tag) for n in range(5))
    )
    assert sorted(a.status_code for a in answers) == [200, 412, 412, 412, 412]
    assert {a.json()["code"] for a in answers if a.status_code == 412} == {"stale"}
    winner = next(a for a in answers if a.status_code == 200).json()
    stored = await truth.fetchrow("SELECT content, version FROM catalog.events WHERE id = $1",
                                  event["id"])  # fmt: skip
    assert stored["version"] == 2
    assert winner["title"] in stored["content"]


async def test_an_edit_says_what_it_edits(house: Organiser) -> None:
    event = await house.add_event()
    path = f"/events/{event['id']}"
    missing = await house.patch(path, {"title": "X"})
    assert missing.status_code == 422
    assert missing.json()["errors"][0]["pointer"] == "If-Match"
    assert (await house.patch(path, {"title": "X"}, if_match='W/"1"')).status_code == 412
    assert (await house.patch(path, {"title": "X"}, if_match="*")).status_code == 200
    # As it comes back through a gateway that compressed the answer.
    assert (await house.patch(path, {"title": "Y"}, if_match='"2-zstd"')).status_code == 200


async def test_publishers_at_the_same_time_leave_the_newest_version_everywhere(
    house: Organiser, here: Process, there: Process, truth: asyncpg.Pool
) -> None:
    event = await house.publish()
    path = f"/v1/organisations/{house.id}/events/{event['id']}/publications"
    answers = await asyncio.gather(*(p.call("POST", path, house.token) for p in (here, there) * 5))
    assert {a.status_code for a in answers} == {201}
    last = await truth.fetchval(
        "SELECT version FROM catalog.documents WHERE event = $1", event["id"]
    )
    assert last == 11

    async def newest_everywhere() -> bool:
        return all(p.programme.in_bucket.get(event["id"]) == last for p in (here, there))

    await until(newest_everywhere)


async def test_pausing_resuming_and_cancelling(house: Organiser, here: Process) -> None:
    event = await house.publish()
    path = f"/events/{event['id']}"

    async def status() -> str:
        return str((await here.get(f"/v1/events/{event['id']}")).json()["status"])

    # An edit that is not published does not slip out with a pause.
    tag = (await house.get(path)).headers["etag"]
    assert (await house.patch(path, {"title": "Hidden"}, if_match=tag)).status_code == 200
    assert (await house.post(f"{path}/pauses")).json()["state"] == "paused"
    assert await status() == "paused"
    assert (await here.get(f"/v1/events/{event['id']}")).json()["title"] != "Hidden"
    version = (await house.post(f"{path}/pauses")).json()["published_version"]
    assert version == 2, "pausing what is paused changes nothing"
    assert (await house.post(f"{path}/resumptions")).json()["state"] == "published"
    assert await status() == "on_sale"
    assert (await house.post(f"{path}/cancellations")).json()["state"] == "cancelled"
    assert await status() == "cancelled"
    refused = await house.post(f"{path}/resumptions")
    assert refused.status_code == 409
    assert refused.json()["code"] == "wrong_state"


async def test_what_buyers_rely_on_stays(house: Organiser) -> None:
    event = await house.publish()
    path = f"/events/{event['id']}"
    other = await house.add_chart(file=house_csv(rows=3))
    for change in ({"slug": "another-slug"}, {"chart": other}):
        tag = (await house.get(path)).headers["etag"]
        refused = await house.patch(path, change, if_match=tag)
        assert refused.status_code == 409, refused.text
        assert refused.json()["code"] == "fixed_by_publication"


def house_csv(rows: int) -> str:
    return "section,row,seat,x,y,category,attributes\n" + "\n".join(
        f"B,{row},{seat},{seat * 60},{row * 90},{'front' if row == 1 else 'back'},"
        for row in range(1, rows + 1)
        for seat in range(1, 6)
    )


async def test_an_incomplete_event_is_not_published(house: Organiser) -> None:
    event = await house.add_event(chart=None, prices=[])
    answer = await house.post(f"/events/{event['id']}/publications")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/chart"
    partly = await house.add_event(prices=[{"category": "front",
                                            "face": {"amount": 1, "currency": "EUR"}}])  # fmt: skip
    answer = await house.post(f"/events/{partly['id']}/publications")
    assert [e["code"] for e in answer.json()["errors"]] == ["missing_price"]


async def test_the_contract_answers_from_memory(house: Organiser, here: Process) -> None:
    event = await house.publish(tax={"name": "Sales tax", "rate_bp": 888, "inclusive": False})
    sale = await here.offer(Answers).event(event=event["id"])
    assert sale.version == 1
    assert [c.price for c in sale.categories] == [5250 + 466, 3100 + 275]
    assert sale.order_fee.price == 200 + 18
    assert event["id"] in await here.offer(Answers).events_on_sale()
    await house.post(f"/events/{event['id']}/pauses")
    assert event["id"] not in await here.offer(Answers).events_on_sale()
