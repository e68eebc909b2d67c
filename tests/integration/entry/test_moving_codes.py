"""A ticket whose code moves, at the gate: the phone's code of now, a picture of it, paper."""

import uuid
from datetime import datetime, timedelta

import httpx

from seatwright.contracts import moving_codes, ticket_codes
from seatwright.contracts.catalog import EventForSale
from seatwright.contracts.orders import IssuedTicket
from seatwright.kit import clock, signing
from tests.fakes.sold import an_event
from tests.integration.entry.house import House


def a_code(house: House, event: EventForSale, ticket: IssuedTicket, at: datetime) -> str:
    content = ticket_codes.of(ticket, ends_at=event.ends_at)
    return moving_codes.shown(moving_codes.moving(house.keys, content), at)


def moving(house: House) -> tuple[EventForSale, IssuedTicket]:
    event = house.catalog.add(an_event(moving_codes=True))
    return event, house.another(event)


def result(answer: httpx.Response) -> tuple[str, str | None]:
    assert answer.status_code == 200, answer.text
    return answer.json()["result"], answer.json()["reason"]


async def test_the_phones_code_of_now_lets_in_once(house: House) -> None:
    event, ticket = moving(house)
    now = clock.now()
    assert result(await house.one.scan(a_code(house, event, ticket, now))) == ("admitted", None)
    later = a_code(house, event, ticket, now + moving_codes.STEP)
    assert result(await house.two.scan(later)) == ("refused", "already_used")
    assert await house.admissions(ticket.id) == 1


async def test_a_picture_of_it_and_paper_open_nothing(house: House) -> None:
    event, ticket = moving(house)
    picture = a_code(house, event, ticket, clock.now() - timedelta(minutes=2))
    assert result(await house.one.scan(picture)) == ("refused", "code_outdated")
    assert result(await house.one.scan(house.code(event, ticket))) == ("refused", "code_not_moving")
    good = a_code(house, event, ticket, clock.now())
    forged = good[:-3] + ("AAA" if good[-3:] != "AAA" else "BBB")
    assert result(await house.one.scan(forged)) == ("refused", "bad_code")
    assert await house.admissions(ticket.id) == 0


async def test_an_older_phone_keeps_the_old_seed_and_is_refused(house: House) -> None:
    event, ticket = moving(house)
    code = a_code(house, event, ticket, clock.now())
    house.orders.change(ticket.id, seq=ticket.seq + 1)
    assert result(await house.one.scan(code)) == ("refused", "code_replaced")


async def test_a_gate_without_network_is_given_the_rule_and_its_grace(house: House) -> None:
    event, ticket = moving(house)
    bundle = (await house.one.get(f"/v1/events/{event.id}/entry-bundle")).json()["moving"]
    reader = house.accounts.add("org1", "entry:read")
    read = await house.one.get(f"/v1/events/{event.id}/entry-bundle", token=reader)
    assert (read.status_code, read.json()["moving"]) == (200, None)
    assert read.headers["cache-control"] == "private, no-store"
    key = signing.unb64(bundle["key"])
    seed = moving_codes.seed(key, ticket.id, ticket.seq)
    content = ticket_codes.of(ticket, ends_at=event.ends_at)
    assert signing.b64(seed) == moving_codes.moving(house.keys, content).seed
    assert bundle["past_steps"] * bundle["step_s"] == 120
    at = clock.now() - timedelta(minutes=30)
    slow_phone = a_code(house, event, ticket, at - timedelta(seconds=100))
    scan = {"code": slow_phone, "scan_id": str(uuid.uuid4()), "scanned_at": at.isoformat()}
    answer = await house.one.post("/v1/check-ins/batch", {"scans": [scan]})
    assert answer.json()["admitted"] == 1, answer.text


async def test_two_scans_of_one_phone_in_one_report_are_one_ticket(house: House) -> None:
    event, ticket = moving(house)
    scans = []
    for minutes in (10, 20, 30):
        at = clock.now() - timedelta(minutes=minutes)
        code = a_code(house, event, ticket, at)
        scans.append({"code": code, "scan_id": str(uuid.uuid4()), "scanned_at": at.isoformat()})
    answer = (await house.one.post("/v1/check-ins/batch", {"scans": scans})).json()
    assert [row["result"] for row in answer["results"]] == ["refused", "refused", "admitted"]


async def test_other_events_have_no_such_rule(house: House) -> None:
    event = house.catalog.add(an_event())
    bundle = (await house.one.get(f"/v1/events/{event.id}/entry-bundle")).json()
    assert bundle["moving"] is None
