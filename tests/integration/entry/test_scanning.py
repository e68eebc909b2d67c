"""A ticket is let in once, by whichever gate is first, and every refusal says why."""

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from seatwright.contracts import ticket_codes
from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import TicketId
from seatwright.kit.signing import Keyring
from seatwright.kit.tasks import Background
from tests.fakes.sold import an_event
from tests.integration.entry.house import House, until


def told(answer: httpx.Response) -> tuple[str, str | None]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    return body["result"], body["reason"]


async def test_the_usher_reads_the_seat_and_a_second_scan_is_refused(house: House) -> None:
    event, ticket, code = house.sold()
    first = (await house.one.scan(code, gate="C", event_id=event.id)).json()
    assert first["result"] == "admitted"
    assert first["seat"] == {
        "section": "Block L12",
        "row": "14",
        "seat": "1",
        "label": ticket.label,
    }
    assert first["attendee"] == "Ada Lovelace"
    assert first["checked"] == "online"
    again = (await house.two.scan(code)).json()
    assert (again["result"], again["reason"]) == ("refused", "already_used")
    assert again["admitted_at"] == first["admitted_at"]
    assert again["ticket_id"] == first["ticket_id"] == ticket.id


async def test_two_gates_at_the_same_moment_let_one_in_fifty_times(house: House) -> None:
    event = house.catalog.add(an_event())
    for _ in range(50):
        ticket = house.another(event)
        code = house.code(event, ticket)
        answers = await asyncio.gather(
            *(process.scan(code) for process in (house.one, house.two) for _ in range(2))
        )
        results = sorted(told(answer) for answer in answers)
        assert results == [("admitted", None), *[("refused", "already_used")] * 3]
        assert await house.admissions(ticket.id) == 1


async def test_the_same_scan_sent_again_is_the_same_answer(house: House) -> None:
    _, ticket, code = house.sold()
    scan = str(uuid.uuid4())
    answers = await asyncio.gather(*(house.one.scan(code, scan_id=scan) for _ in range(8)))
    later = await house.one.scan(code, scan_id=scan)
    bodies = [answer.json() | {"server_time": ""} for answer in (*answers, later)]
    assert all(body == bodies[0] for body in bodies)
    assert bodies[0]["result"] == "admitted"
    assert await house.admissions(ticket.id) == 1
    other = await house.two.scan(code, scan_id=scan)
    assert told(other) == ("refused", "already_used")
    assert told(await house.two.scan(code, scan_id=scan)) == ("refused", "already_used")


async def test_a_scan_id_stands_for_one_code(house: House) -> None:
    _, _, code = house.sold()
    _, _, another = house.sold()
    scan = str(uuid.uuid4())
    assert told(await house.one.scan(code, scan_id=scan)) == ("admitted", None)
    answer = await house.one.scan(another, scan_id=scan)
    assert (answer.status_code, answer.json()["code"]) == (422, "scan_mismatch")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "refunded"}, "revoked"),
        ({"status": "void"}, "revoked"),
        ({"status": "transferred"}, "revoked"),
        ({"released": False}, "not_paid"),
        ({"seq": 1}, "code_replaced"),
        ({"status": "used"}, "already_used"),
    ],
)
async def test_what_orders_know_of_the_ticket_decides(
    house: House, changes: dict[str, Any], reason: str
) -> None:
    _, ticket, code = house.sold()
    house.orders.change(ticket.id, **changes)
    assert told(await house.one.scan(code)) == ("refused", reason)
    assert await house.admissions(ticket.id) == 0


async def test_after_a_new_code_only_the_new_one_opens(house: House) -> None:
    event, ticket, old = house.sold()
    house.orders.change(ticket.id, seq=1)
    assert told(await house.one.scan(house.code(event, ticket, seq=1))) == ("admitted", None)
    assert told(await house.one.scan(old)) == ("refused", "code_replaced")


async def test_codes_of_other_times_keys_events_and_tickets(house: House) -> None:
    event, ticket, code = house.sold()
    _, _, elsewhere = house.sold()
    stranger = house.catalog.add(an_event(organisation="org2"))
    theirs = house.code(stranger, house.another(stranger))
    past = int((event.ends_at - timedelta(days=4000)).timestamp())
    content = ticket_codes.of(ticket, ends_at=event.ends_at)
    forged = ticket_codes.sign(Keyring(b"x" * 32), content)
    unpublished = an_event()
    for text, reason in (
        (house.code(event, ticket, not_after=past), "expired"),
        (house.code(event, ticket, ticket=TicketId("nobody")), "unknown_ticket"),
        (house.code(event, ticket, key_id=7), "bad_code"),
        (house.code(unpublished, ticket, event=unpublished.id), "wrong_event"),
        (forged, "bad_code"),
        (theirs, "wrong_event"),
    ):
        assert told(await house.one.scan(text)) == ("refused", reason), text
    answer = await house.one.scan(elsewhere, event_id=event.id)
    assert told(answer) == ("refused", "wrong_event")
    foreign = (await house.one.scan(theirs)).json()
    assert (foreign["ticket_id"], foreign["seat"], foreign["attendee"]) == (None, None, None)
    assert told(await house.one.scan(code, event_id=event.id)) == ("admitted", None)


async def test_a_code_altered_anywhere_is_refused_and_nothing_breaks(house: House) -> None:
    _, ticket, code = house.sold()
    for position, sign in enumerate(code):
        for other in ("A" if sign != "A" else "B", "é", ""):
            altered = code[:position] + other + code[position + 1 :]
            if altered:
                assert told(await house.one.scan(altered)) == ("refused", "bad_code"), altered
    assert await house.admissions(ticket.id) == 0
    assert told(await house.one.scan(code)) == ("admitted", None)


# U+0000 comes no further than the edge of the process (`nul_character`).
TEXTS = st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=600)


@settings(max_examples=60, suppress_health_check=list(HealthCheck), deadline=None)
@given(text=TEXTS | st.binary(min_size=1, max_size=400).map(lambda raw: "SW1." + raw.hex()))
async def test_any_text_is_a_refusal(house: House, text: str) -> None:
    answer = await house.one.scan(text.encode("utf-8", "replace").decode())
    assert told(answer) == ("refused", "bad_code")


async def test_who_may_scan(house: House) -> None:
    event, _, code = house.sold()
    reader = house.accounts.add("org1", "entry:read")
    stranger = house.accounts.add("org2", "entry:scan")
    unknown = await house.one.scan(code, token="sw_unknown")
    assert (unknown.status_code, unknown.json()["code"]) == (401, "unauthenticated")
    nobody = await house.one.client.post("/v1/check-ins", json={"code": code})
    assert nobody.status_code == 401
    denied = await house.one.scan(code, token=reader)
    assert (denied.status_code, denied.json()["code"]) == (403, "scope_missing")
    assert told(await house.one.scan(code, token=stranger)) == ("refused", "wrong_event")
    named = await house.one.scan(code, token=stranger, event_id=event.id)
    assert (named.status_code, named.json()["code"]) == (404, "event_not_found")
    nowhere = await house.one.scan(code, event_id="nowhere")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "event_not_found")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": ""},
        {"code": 7},
        {"code": "x" * 5000},
        {"code": "x", "gate": "a\nb"},
        {"code": "x", "gate": ""},
        {"code": "x", "scan_id": "1"},
        {"code": "x", "extra": 1},
        [],
        None,
    ],
)
async def test_requests_that_are_none_are_refused_in_words(house: House, body: Any) -> None:
    answer = await house.one.post("/v1/check-ins", body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]


async def test_without_orders_the_signature_and_our_own_rows_decide(house: House) -> None:
    event, ticket, code = house.sold()
    house.orders.away = True
    first = (await house.one.scan(code)).json()
    assert (first["result"], first["checked"], first["seat"]) == ("admitted", "offline", None)
    again = (await house.two.scan(code)).json()
    assert (again["reason"], again["admitted_at"]) == ("already_used", first["admitted_at"])
    forged = code[:-9] + ("A" if code[-9] != "A" else "B") + code[-8:]
    assert told(await house.one.scan(forged)) == ("refused", "bad_code")
    house.orders.away = False
    assert told(await house.one.scan(code)) == ("refused", "already_used")
    assert await house.admissions(ticket.id) == 1
    counts = (await house.one.get(f"/v1/events/{event.id}/attendance")).json()
    assert (counts["admitted"], counts["offline"]) == (1, 1)


async def test_orders_that_hang_keep_nobody_at_the_gate(house: House) -> None:
    _, _, code = house.sold()
    house.orders.waits = asyncio.Event()
    async with asyncio.timeout(3):
        answer = (await house.one.scan(code)).json()
    assert (answer["result"], answer["checked"]) == ("admitted", "offline")


async def test_a_catalogue_away_stops_only_gates_that_never_saw_the_event(house: House) -> None:
    event, _, code = house.sold()
    assert told(await house.one.scan(code)) == ("admitted", None)
    second = house.code(event, house.another(event))
    house.catalog.away = True
    assert told(await house.one.scan(second)) == ("admitted", None)
    fresh = await house.two.scan(second)
    assert (fresh.status_code, fresh.json()["code"]) == (503, "unavailable")


async def test_orders_are_told_once_they_listen(house: House) -> None:
    _, ticket, code = house.sold()
    told_before = (await house.one.scan(code)).json()
    house.orders.away = True
    async with Background() as running:
        for name, loop in {**house.one.part.background, **house.one.part.workers}.items():
            running.start(loop, name)  # type: ignore[arg-type]

        async def tried() -> bool:
            return house.orders.refused > 0

        await until(tried)
        house.orders.away = False

        async def known() -> bool:
            return ticket.id in house.orders.admissions

        await until(known)
    at = house.orders.admissions[ticket.id]
    assert told_before["admitted_at"].startswith(f"{at:%Y-%m-%dT%H:%M:%S}")
    assert await house.truth.fetchval("SELECT count(*) FROM entry.outbox") == 0
    assert EventId(told_before["event_id"])
