"""What happened reaches an organisation's own system: signed, again and again, and nobody else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from seatwright.contracts.delivery import SUBJECT_HAPPENED, Happened
from seatwright.delivery.adapters.courier import Courier
from seatwright.delivery.domain import webhooks as domain
from seatwright.delivery.service import notices, webhooks
from seatwright.delivery.store import webhooks as store
from seatwright.kit import clock, ids
from tests.fakes.sold import an_event
from tests.integration.delivery.house import House, until
from tests.integration.delivery.receiver import Receiver, verified

pytestmark = pytest.mark.usefixtures("unhurried", "working")


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """No second attempt comes by itself while a test looks at the first."""
    later = (timedelta(hours=1), *domain.BACK_OFF[1:])
    monkeypatch.setattr(domain, "BACK_OFF", later)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    started = await Receiver().start()
    yield started
    await started.stop()


@dataclass
class Desk:
    """An organisation of its own, and its hands on the API."""

    house: House
    organisation: str
    token: str

    def path(self, more: str = "") -> str:
        return f"/v1/organisations/{self.organisation}/webhook-endpoints{more}"

    async def ask(
        self, method: str, more: str = "", body: Any = None, **headers: str
    ) -> httpx.Response:
        content = None if body is None else msgspec.json.encode(body)
        given = {"authorization": f"Bearer {self.token}", "content-type": "application/json"}
        return await self.house.client.request(
            method, self.path(more), content=content, headers=given | headers
        )

    async def endpoint(self, url: str, *kinds: str) -> dict[str, Any]:
        body = {"url": url, "kinds": list(kinds), "contact": f"{self.organisation}@example.com"}
        answer = await self.ask("POST", body=body)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def log(self, endpoint: str) -> list[dict[str, Any]]:
        return list((await self.ask("GET", f"/{endpoint}/deliveries")).json()["items"])


@pytest.fixture
def desk(house: House) -> Desk:
    organisation = f"org-{ids.short_id()}"
    return Desk(house, organisation, house.accounts.add(organisation, "delivery:write"))


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_paid_order_arrives_signed_and_once(
    house: House, desk: Desk, receiver: Receiver
) -> None:
    made = await desk.endpoint(receiver.url, "order.paid")
    event = an_event(organisation=desk.organisation)
    papers = house.sold(event=event)
    for _ in range(3):
        await house.captured(papers)
    await house.settled(papers.order)
    await until(lambda: _came(receiver, 1))
    ((headers, body),) = receiver.taken
    assert verified(made["secret"], headers, body)
    (said,) = receiver.bodies("order.paid")
    assert said["order"].replace("-", "") == papers.code
    assert said["total"] == {"amount": papers.total, "currency": "EUR"}
    assert b"hush-secret" not in body

    async def noted() -> bool:
        return [row["state"] for row in await desk.log(made["id"])] == ["sent"]

    await until(noted)
    (logged,) = await desk.log(made["id"])
    assert (logged["status"], logged["attempts"]) == (204, 1)
    assert logged["webhook_id"] == headers["webhook-id"]


async def test_news_of_other_services_and_of_events_come_too(
    house: House, desk: Desk, receiver: Receiver
) -> None:
    await desk.endpoint(receiver.url, "ticket.admitted", "event.published", "event.cancelled")
    event = house.catalog.add(an_event(organisation=desk.organisation))
    fact = Happened(
        kind="ticket.admitted", event=event.id, key="t1", at=clock.now(), data={"ticket_id": "t1"}
    )
    await house.post(SUBJECT_HAPPENED, msgspec.json.encode(fact))
    lookout = notices.Lookout(database=house.database, catalog=house.catalog)
    await lookout.compare(event.id)
    house.catalog.add(msgspec.structs.replace(event, version=9, state="cancelled"))
    await lookout.compare(event.id)
    await until(lambda: _came(receiver, 3))
    assert receiver.bodies("ticket.admitted") == [{"event_id": event.id, "ticket_id": "t1"}]
    assert len(receiver.bodies("event.published")) == len(receiver.bodies("event.cancelled")) == 1


async def test_what_is_refused_is_tried_again_and_the_log_says_so(
    house: House, desk: Desk, receiver: Receiver
) -> None:
    made = await desk.endpoint(receiver.url, "order.paid")
    receiver.answers.append(500)
    papers = house.sold(event=an_event(organisation=desk.organisation))
    await house.captured(papers)
    await until(lambda: _came(receiver, 1))

    async def noted() -> bool:
        (row,) = await desk.log(made["id"])
        return bool(row["status"] == 500)

    await until(noted)
    (row,) = await desk.log(made["id"])
    assert (row["state"], row["reason"]) == ("pending", "answered 500")
    assert (await desk.ask("GET", f"/{made['id']}")).json()["failing_since"]
    await _due_now(house, made["id"])
    await until(lambda: _came(receiver, 2))
    first, second = (headers["webhook-id"] for headers, _ in receiver.taken)
    assert first == second

    async def well() -> bool:
        return (await desk.ask("GET", f"/{made['id']}")).json()["failing_since"] is None

    await until(well)


async def test_after_three_days_it_is_switched_off_with_a_mail_and_replayed_when_it_is_well(
    house: House, desk: Desk, receiver: Receiver
) -> None:
    made = await desk.endpoint(receiver.url, "order.paid")
    receiver.answers.extend([503] * 2)
    await house.captured(house.sold(event=an_event(organisation=desk.organisation)))
    await until(lambda: _came(receiver, 1))
    await until(lambda: _failing(desk, made["id"]))
    # As after nine attempts in three days.
    await house.truth.execute(
        "UPDATE delivery.webhook_endpoints SET failing_since = now() - interval '74 hours' "
        "WHERE id = $1",
        made["id"],
    )
    await house.truth.execute(
        "UPDATE delivery.webhook_deliveries SET attempt_count = 9, due_at = now() "
        "WHERE endpoint = $1",
        made["id"],
    )
    contact = f"{desk.organisation}@example.com"

    async def told() -> bool:
        return bool(house.server.to(contact))

    await until(told)
    (mail,) = house.server.to(contact)
    assert "switched off" in mail["subject"]
    assert receiver.url in mail.get_body(("plain",)).get_content()
    off = (await desk.ask("GET", f"/{made['id']}")).json()
    assert off["disabled_at"]
    # What happens meanwhile is in the log, and not sent.
    await house.captured(house.sold(event=an_event(organisation=desk.organisation)))

    async def both_logged() -> bool:
        return len(await desk.log(made["id"])) == 2

    await until(both_logged)
    on = await desk.ask("PATCH", f"/{made['id']}", {"enabled": True})
    assert (on.json()["disabled_at"], on.json()["failing_since"]) == (None, None)
    for row in await desk.log(made["id"]):
        assert row["state"] == "failed"
        again = await desk.ask("POST", f"/{made['id']}/deliveries/{row['id']}/replays")
        assert again.status_code == 204
    await until(lambda: _came(receiver, 4))


async def test_whoever_switches_it_off_is_left_alone(
    house: House, desk: Desk, receiver: Receiver
) -> None:
    made = await desk.endpoint(receiver.url, "order.paid")
    receiver.answers.append(500)
    await house.captured(house.sold(event=an_event(organisation=desk.organisation)))
    await until(lambda: _failing(desk, made["id"]))
    off = await desk.ask("PATCH", f"/{made['id']}", {"enabled": False})
    assert off.json()["disabled_at"]
    (row,) = await desk.log(made["id"])
    assert (row["state"], row["reason"], row["next_attempt_at"]) == ("failed", "switched off", None)
    on = await desk.ask("PATCH", f"/{made['id']}", {"enabled": True, "kinds": ["event.changed"]})
    assert (on.json()["disabled_at"], on.json()["kinds"]) == (None, ["event.changed"])
    assert len(receiver.taken) == 1


async def test_what_is_due_waits_while_nobody_is_to_be_told(
    house: House, desk: Desk, receiver: Receiver
) -> None:
    made = await desk.endpoint(receiver.url, "order.paid")
    receiver.answers.append(500)
    await house.captured(house.sold(event=an_event(organisation=desk.organisation)))
    await until(lambda: _failing(desk, made["id"]))
    # As when it is switched off while a message is being written down for it.
    switch = "UPDATE delivery.webhook_endpoints SET disabled_at = {} WHERE id = $1"
    await house.truth.execute(switch.format("now()"), made["id"])
    await _due_now(house, made["id"])
    taken = await store.take(house.database, at_most=100, lease=timedelta(0))
    assert made["id"] not in [one.endpoint for one in taken]
    await house.truth.execute(switch.format("NULL"), made["id"])
    await until(lambda: _came(receiver, 2))


async def test_a_secret_is_replaced_and_both_sign_for_a_day(
    house: House, desk: Desk, receiver: Receiver
) -> None:
    made = await desk.endpoint(receiver.url, "order.paid")
    new = (await desk.ask("POST", f"/{made['id']}/secrets", {"after": 1})).json()
    again = (await desk.ask("POST", f"/{made['id']}/secrets", {"after": 1})).json()
    assert new["generation"] == again["generation"] == 2
    assert new["secret"] == again["secret"] != made["secret"]
    late = await desk.ask("POST", f"/{made['id']}/secrets", {"after": 7})
    assert code_of(late) == (409, "wrong_generation")
    await house.captured(house.sold(event=an_event(organisation=desk.organisation)))
    await until(lambda: _came(receiver, 1))
    ((headers, body),) = receiver.taken
    assert verified(made["secret"], headers, body)
    assert verified(new["secret"], headers, body)


async def test_two_workers_share_what_is_due_and_send_nothing_twice(
    house: House, desk: Desk, receiver: Receiver
) -> None:
    made = await desk.endpoint(receiver.url, "order.paid")
    for number in range(60):
        await webhooks.record(
            house.database,
            organisation=desk.organisation,
            kind="order.paid",
            key=str(number),
            at=clock.now(),
            data={"number": number},
        )
    # One more beside the one that works here already.
    courier = Courier(private=True)
    other = webhooks.Sender(
        database=house.database,
        broker=house.broker,
        keys=house.keys,
        courier=courier,
        public="https://tickets.example",
    )

    async def all_sent() -> bool:
        await other.step()
        rows = (await desk.ask("GET", f"/{made['id']}/deliveries?limit=100")).json()["items"]
        return len(rows) == 60 and all(row["state"] == "sent" for row in rows)

    await until(all_sent)
    await courier.close()
    numbers = [said["number"] for said in receiver.bodies("order.paid")]
    assert sorted(numbers) == list(range(60))


async def test_the_log_forgets_after_three_months_what_is_not_tried_any_more(
    house: House, desk: Desk, receiver: Receiver
) -> None:
    made = await desk.endpoint(receiver.url, "order.paid")
    for order in range(2):
        receiver.answers.append(500 if order else 204)
        await house.captured(house.sold(event=an_event(organisation=desk.organisation)))
        count = order + 1
        await until(lambda count=count: _came(receiver, count))  # type: ignore[misc]
    await until(lambda: _failing(desk, made["id"]))
    for table in ("webhook_deliveries", "webhook_messages"):
        await house.truth.execute(
            f"UPDATE delivery.{table} SET created_at = now() - interval '91 days'"
        )
    await store.forget(house.database, older=webhooks.LOG_KEPT)
    (row,) = await desk.log(made["id"])
    assert row["state"] == "pending"
    kept = "SELECT count(*) FROM delivery.webhook_messages WHERE organisation = $1"
    assert await house.truth.fetchval(kept, desk.organisation) == 1


async def test_the_same_request_makes_one_endpoint(desk: Desk) -> None:
    body = {"url": "https://example.org/h", "kinds": ["order.paid"], "contact": "a@b.example"}
    key = {"idempotency-key": "k1"}
    one, two = [(await desk.ask("POST", body=body, **key)).json() for _ in range(2)]
    assert one == two
    other = await desk.ask("POST", body={**body, "url": "https://example.org/x"}, **key)
    assert code_of(other) == (422, "idempotency_mismatch")
    gone = await desk.ask("DELETE", f"/{one['id']}")
    assert gone.status_code == 204
    assert code_of(await desk.ask("GET", f"/{one['id']}")) == (404, "endpoint_not_found")


async def test_another_organisation_sees_and_does_nothing(house: House, desk: Desk) -> None:
    made = await desk.endpoint("https://example.org/h", "order.paid")
    stranger = house.accounts.add("elsewhere", "delivery:write")
    reader = house.accounts.add(desk.organisation, "orders:read")
    for token in (stranger, reader):
        desk.token = token
        for method, more in (("GET", ""), ("GET", f"/{made['id']}"), ("DELETE", f"/{made['id']}")):
            assert code_of(await desk.ask(method, more)) == (404, "not_found")


async def test_too_many_endpoints_and_bad_addresses_are_refused(desk: Desk) -> None:
    for number in range(20):
        await desk.endpoint(f"https://example.org/{number}", "order.paid")
    body = {"url": "https://example.org/20", "kinds": ["order.paid"], "contact": "a@b.example"}
    assert code_of(await desk.ask("POST", body=body)) == (409, "too_many_endpoints")
    bad = await desk.ask("POST", body={**body, "url": "ftp://example.org/"})
    assert code_of(bad) == (422, "invalid")
    kind = await desk.ask("POST", body={**body, "kinds": ["order.eaten"]})
    assert kind.status_code == 422


async def test_no_door_inside_is_knocked_at_and_no_redirect_followed(receiver: Receiver) -> None:
    outside, inside = Courier(private=False), Courier(private=True)
    port = httpx.URL(receiver.url).port
    for host in ("127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "127.1", "0.0.0.0"):
        attempt = await outside.post(f"https://{host}:{port}/", b"{}", {})
        assert (attempt.status, attempt.sent) == (None, False)
        assert "the whole Internet reaches" in (attempt.reason or "")
    assert receiver.taken == []
    receiver.location = receiver.url
    receiver.answers.append(307)
    moved = await inside.post(receiver.url, b"{}", {})
    assert (moved.status, moved.sent) == (307, False)
    assert len(receiver.taken) == 1
    nobody = await inside.post("http://127.0.0.1:1/", b"{}", {})
    assert (nobody.status, nobody.sent) == (None, False)
    await outside.close()
    await inside.close()


async def test_a_receiver_that_never_answers_is_left(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "seatwright.delivery.adapters.courier.DEADLINE", timedelta(milliseconds=200)
    )
    courier = Courier(private=True)
    receiver.answers.append(0)
    attempt = await courier.post(receiver.url, b"{}", {})
    assert attempt.reason == "no answer in time"
    await courier.close()


async def _came(receiver: Receiver, count: int) -> bool:
    return len(receiver.taken) >= count


async def _failing(desk: Desk, endpoint: str) -> bool:
    return bool((await desk.ask("GET", f"/{endpoint}")).json()["failing_since"])


async def _due_now(house: House, endpoint: str) -> None:
    await house.truth.execute(
        "UPDATE delivery.webhook_deliveries SET due_at = now() "
        "WHERE endpoint = $1 AND state = 'pending'",
        endpoint,
    )
