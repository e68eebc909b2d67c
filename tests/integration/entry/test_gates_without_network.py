"""Gates go on without a network, and what they report afterwards finds every duplicate."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from seatwright.contracts import ticket_codes
from seatwright.kit import signing
from tests.fakes.sold import an_event
from tests.integration.entry.house import House

NOW = datetime.now(UTC)


def a_scan(code: str, minutes_ago: float, **more: Any) -> dict[str, Any]:
    at = NOW - timedelta(minutes=minutes_ago)
    return {"code": code, "scan_id": str(uuid.uuid4()), "scanned_at": at.isoformat(), **more}


async def test_each_row_has_its_result_and_the_earliest_holds_the_admission(house: House) -> None:
    event = house.catalog.add(an_event())
    one, two = house.another(event), house.another(event)
    code, other = house.code(event, one), house.code(event, two)
    scans = [
        a_scan(code, 10, gate="A"),
        a_scan(code, 30, gate="B", event_id=event.id),
        a_scan(other, 20),
        a_scan("rubbish", 5),
    ]
    answer = await house.one.post("/v1/check-ins/batch", {"scans": scans})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert [(row["result"], row["reason"], row["duplicate"]) for row in body["results"]] == [
        ("refused", "already_used", True),
        ("admitted", None, False),
        ("admitted", None, False),
        ("refused", "bad_code", False),
    ]
    assert (body["admitted"], body["duplicates"], body["refused"]) == (2, 1, 1)
    assert [row["scan_id"] for row in body["results"]] == [scan["scan_id"] for scan in scans]
    assert body["results"][0]["admitted_at"] == body["results"][1]["admitted_at"]
    again = (await house.one.post("/v1/check-ins/batch", {"scans": scans})).json()
    assert again["results"] == body["results"]
    assert await house.admissions(one.id) == 1


async def test_two_gates_that_let_in_the_same_ticket_learn_of_it(house: House) -> None:
    _, ticket, code = house.sold()
    first = await house.one.post("/v1/check-ins/batch", {"scans": [a_scan(code, 5)]})
    second = await house.two.post("/v1/check-ins/batch", {"scans": [a_scan(code, 9)]})
    assert first.json()["admitted"] == 1
    assert second.json()["duplicates"] == 1
    assert await house.admissions(ticket.id) == 1


async def test_a_bad_row_spoils_no_other_and_clocks_may_be_wrong(house: House) -> None:
    event = house.catalog.add(an_event())
    tickets = [house.another(event) for _ in range(120)]
    scans = [a_scan(house.code(event, ticket), -60) for ticket in tickets]
    good = scans[7]["code"]
    scans[7]["code"] = good[:-9] + ("A" if good[-9] != "A" else "B") + good[-8:]
    reused = a_scan(house.code(event, house.another(event)), 1)
    reused["scan_id"] = scans[0]["scan_id"]
    answer = await house.one.post("/v1/check-ins/batch", {"scans": [*scans, reused]})
    body = answer.json()
    assert body["admitted"] == 119
    assert body["results"][7]["reason"] == "bad_code"
    kept = {body["results"][0]["reason"], body["results"][-1]["reason"]}
    assert kept == {None, "scan_mismatch"}
    server = datetime.fromisoformat(body["server_time"])
    at = datetime.fromisoformat(body["results"][1]["admitted_at"])
    assert at <= server


async def test_a_batch_has_bounds(house: House) -> None:
    scan = a_scan("x", 1)
    wrong: list[list[dict[str, Any]]] = [
        [],
        [scan] * 501,
        [{**scan, "scanned_at": "2026-01-01T00:00:00"}],
        [{}],
    ]
    for scans in wrong:
        answer = await house.one.post("/v1/check-ins/batch", {"scans": scans})
        assert answer.status_code == 422, answer.text
    foreign = house.catalog.add(an_event(organisation="org2"))
    answer = await house.one.post(
        "/v1/check-ins/batch", {"scans": [{**scan, "event_id": foreign.id}]}
    )
    assert answer.status_code == 404


async def test_the_bundle_is_enough_to_judge_a_code(house: House) -> None:
    event, ticket, code = house.sold()
    bundle = (await house.one.get(f"/v1/events/{event.id}/entry-bundle")).json()
    content, signed, signature = ticket_codes.read(code)
    (key,) = [key for key in bundle["keys"] if key["key_id"] == content.key_id]
    public = Ed25519PublicKey.from_public_bytes(signing.unb64(key["public_key"]))
    public.verify(signature, bundle["signed_domain"].encode() + signed)
    assert code.startswith(bundle["code_prefix"])
    assert bundle["revoked"] == []
    assert (content.ticket, bundle["event_id"]) == (ticket.id, event.id)


async def test_counts_by_gate_and_reason_for_the_organisation_only(house: House) -> None:
    event = house.catalog.add(an_event())
    for gate in ("A", "A", "B"):
        code = house.code(event, house.another(event))
        await house.one.scan(code, gate=gate)
        await house.two.scan(code, gate=gate)
    path = f"/v1/events/{event.id}/attendance"
    counts = (await house.one.get(path)).json()
    assert (counts["admitted"], counts["refused"]) == (3, 3)
    assert counts["gates"] == [{"gate": "A", "admitted": 2}, {"gate": "B", "admitted": 1}]
    assert counts["refused_by_reason"] == {"already_used": 3}
    reader = house.accounts.add("org1", "entry:read")
    assert (await house.one.get(path, token=reader)).status_code == 200
    for token in (house.accounts.add("org2", "entry:scan"), house.accounts.add("org1", "x:y")):
        for address in (path, f"/v1/events/{event.id}/entry-bundle"):
            answer = await house.one.get(address, token=token)
            assert (answer.status_code, answer.json()["code"]) == (404, "event_not_found")
    empty = house.catalog.add(an_event())
    nobody = (await house.one.get(f"/v1/events/{empty.id}/attendance")).json()
    assert (nobody["admitted"], nobody["first_admitted_at"], nobody["gates"]) == (0, None, [])
