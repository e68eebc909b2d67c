"""The gateway's memory: durable, exact, one effect a key, readable from outside."""

import asyncio
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.integration.simulators.conftest import gateway_process
from tests.integration.simulators.merchant import Client, Ear, payment_body


async def ledger(client: Client, query: str = "") -> dict[str, Any]:
    async with client.session.get(f"{client.base}/ledger{query}") as answer:
        assert answer.status == 200
        found: dict[str, Any] = await answer.json()
        return found


async def test_the_same_key_fifty_times_at_once_is_one_payment(gateway: Client) -> None:
    body = payment_body("tok_ok", reference="same_a1")

    async def attempt() -> tuple[int, str]:
        reply = await gateway.call("POST", "/v1/payments", body, key="same")
        return reply.status, reply.json.get("id", "")

    async with asyncio.TaskGroup() as together:
        tasks = [together.create_task(attempt()) for _ in range(50)]
    answers = {task.result() for task in tasks}
    assert {status for status, _ in answers} <= {201, 409}
    [payment] = await gateway.with_reference("same_a1")
    assert {payment_id for status, payment_id in answers if status == 201} == {payment["id"]}
    again = await gateway.call("POST", "/v1/payments", body, key="same")
    assert (again.status, again.json["id"]) == (201, payment["id"])


async def test_a_key_belongs_to_one_body_and_one_address(gateway: Client) -> None:
    first = (await gateway.pay("tok_ok", key="mine", reference="mine_a1")).json
    other = await gateway.pay("tok_ok", key="mine", reference="mine_a1", amount=1)
    assert (other.status, other.json["error"]["code"]) == (409, "idempotency_mismatch")
    elsewhere = await gateway.operate(first["id"], "captures", "mine")
    assert (elsewhere.status, elsewhere.json["error"]["code"]) == (409, "idempotency_mismatch")
    assert (await gateway.payment(first["id"]))["status"] == "authorised"


async def test_twenty_captures_at_once_take_the_money_once(gateway: Client) -> None:
    payment = (await gateway.pay("tok_ok")).json["id"]
    async with asyncio.TaskGroup() as together:
        tasks = [
            together.create_task(gateway.operate(payment, "captures", f"{payment}-{n}"))
            for n in range(20)
        ]
    statuses = sorted(task.result().status for task in tasks)
    assert statuses == [200] + [409] * 19


async def test_refunds_at_once_never_exceed_the_capture(gateway: Client) -> None:
    payment = (await gateway.pay("tok_ok", capture="automatic")).json["id"]
    async with asyncio.TaskGroup() as together:
        tasks = [
            together.create_task(gateway.operate(payment, "refunds", f"{payment}-{n}", amount=1000))
            for n in range(10)
        ]
    assert sorted(task.result().status for task in tasks) == [201] * 4 + [409] * 6
    assert (await gateway.payment(payment))["amount_refunded"] == 4000


async def test_captures_and_voids_keep_to_their_order(gateway: Client) -> None:
    payment = (await gateway.pay("tok_ok")).json["id"]
    too_much = await gateway.operate(payment, "captures", amount=4251)
    assert (too_much.status, too_much.json["error"]["code"]) == (409, "amount_too_large")
    early = await gateway.operate(payment, "refunds")
    assert (early.status, early.json["error"]["code"]) == (409, "not_refundable")
    assert (await gateway.operate(payment, "captures", amount=4250)).status == 200
    twice = await gateway.operate(payment, "captures")
    assert (twice.status, twice.json["error"]["code"]) == (409, "already_captured")
    late = await gateway.operate(payment, "voids")
    assert (late.status, late.json["error"]["code"]) == (409, "not_voidable")
    assert (await gateway.operate("pay_none", "voids")).status == 404


async def test_the_ledger_sums_an_order_and_needs_no_key_here(gateway: Client) -> None:
    first = (await gateway.pay("tok_ok", reference="sums_a1", metadata={"order": "sums"})).json
    await gateway.operate(first["id"], "captures")
    await gateway.operate(first["id"], "refunds", amount=250)
    second = (await gateway.pay("tok_ok", reference="sums_a2", metadata={"order": "sums"})).json
    await gateway.operate(second["id"], "voids")
    found = await ledger(gateway, "?order=sums")
    assert found["totals"] == {"authorised": 0, "captured": 4250, "refunded": 250, "voided": 4250}
    payments = found["payments"]
    assert isinstance(payments, list)
    assert [payment["id"] for payment in payments] == [first["id"], second["id"]]

    proxied = {"X-Forwarded-For": "203.0.113.9"}
    url = f"{gateway.base}/ledger?order=sums"
    async with gateway.session.get(url, headers=proxied) as answer:
        assert answer.status == 401


async def test_lists_go_by_pages_from_an_instant(tmp_path: Path) -> None:
    async with gateway_process(tmp_path / "ledger", "--latency-ms", 0) as (_, client):
        made = [(await client.pay("tok_ok")).json for _ in range(7)]
        seen: list[str] = []
        cursor: str | None = ""
        for _ in range(3):
            query = f"/v1/payments?limit=3&cursor={cursor}"
            page = (await client.call("GET", query)).json
            assert len(page["items"]) <= 3
            seen += [payment["id"] for payment in page["items"]]
            cursor = page["next"]
        assert cursor is None
        assert seen == [payment["id"] for payment in made]
        since = made[4]["created_at"]
        late = (await client.call("GET", f"/v1/payments?since={since}")).json["items"]
        assert [payment["id"] for payment in late] == seen[4:]
        whole = await ledger(client, "?limit=10000")
        assert whole["next"] is None
        assert (await client.call("GET", "/v1/payments?limit=0")).status == 422


async def test_a_crash_loses_nothing_that_was_answered(tmp_path: Path, ear: Ear) -> None:
    path = tmp_path / "ledger.jsonl"
    answered: dict[str, str] = {}

    async def keep_paying(client: Client, lane: int) -> None:
        for n in range(10_000):
            try:
                reply = await client.pay(
                    "tok_ok", key=f"crash-{lane}-{n}", reference=f"c{lane}_{n}"
                )
            except (aiohttp.ClientError, OSError):  # the crash
                return
            answered[f"c{lane}_{n}"] = reply.json["id"]

    async with gateway_process(path, "--latency-ms", 0) as (process, client):
        late = (await client.pay("tok_auto_capture_late")).json["id"]
        first = (await client.pay("tok_ok", key="first", reference="first_a1")).json
        await client.operate(first["id"], "captures", "first-cap")
        async with asyncio.TaskGroup() as lanes:
            for lane in range(8):
                lanes.create_task(keep_paying(client, lane))
            async with asyncio.timeout(20):
                while len(answered) <= 100:
                    await asyncio.sleep(0.005)
            await process.kill()

    with path.open("ab") as torn:
        torn.write(b'{"at":"2026-01-01T00:00:00Z","payment":{"id":"pay_to')
    async with gateway_process(path, "--late-s", 0.1, "--webhook-url", ear.url) as (_, client):
        kept: dict[str, list[str]] = {}
        for payment in (await ledger(client, "?limit=10000"))["items"]:
            kept.setdefault(payment["reference"], []).append(payment["id"])
        for reference, payment_id in answered.items():
            assert kept[reference] == [payment_id]
        replayed = await client.operate(first["id"], "captures", "first-cap")
        assert (replayed.status, replayed.json["status"]) == (200, "captured")
        assert replayed.headers["Idempotent-Replayed"] == "true"
        # What was due while nobody was there happens after the restart, and is told.
        [letter] = await ear.wait_for(late, 1)
        assert letter.json["type"] == "payment.captured"
        after = (await client.pay("tok_ok")).json["id"]
    async with gateway_process(path) as (_, client):
        assert (await client.payment(after))["status"] == "authorised"


async def test_undelivered_webhooks_survive_a_crash(tmp_path: Path, ear: Ear) -> None:
    path = tmp_path / "ledger.jsonl"
    nobody = "http://127.0.0.1:9/v1/webhooks/simulated"
    async with gateway_process(path, "--webhook-url", nobody) as (process, client):
        payment = (await client.pay("tok_ok")).json["id"]
        await process.kill()
    async with gateway_process(path, "--webhook-url", ear.url) as (process, _):
        [letter] = await ear.wait_for(payment, 1)
        assert letter.authentic
    heard = len(ear.letters)
    async with gateway_process(path, "--webhook-url", ear.url) as (_, client):
        fresh = (await client.pay("tok_ok")).json["id"]
        await ear.wait_for(fresh, 1)
        assert len(ear.letters) == heard + 1, "a delivered event was sent again"


async def test_one_ledger_has_one_process(tmp_path: Path, gateway: Client) -> None:
    path = tmp_path / "ledger.jsonl"
    async with gateway_process(path):
        with pytest.raises(AssertionError, match="ended with 1"):
            async with gateway_process(path):
                pass


async def test_an_unanswered_challenge_lapses(tmp_path: Path, ear: Ear) -> None:
    options = ("--challenge-s", 0.2, "--webhook-url", ear.url)
    async with gateway_process(tmp_path / "ledger", *options) as (_, client):
        payment = (await client.pay("tok_challenge")).json["id"]
        [letter] = await ear.wait_for(payment, 1)
        assert letter.json["data"]["decline_code"] == "challenge_expired"


async def test_a_thousand_authorisations_cost_little(tmp_path: Path) -> None:
    """No timed assertion: prints the processor time of one request, for the record."""
    async with gateway_process(tmp_path / "ledger", "--latency-ms", 0) as (process, client):
        body = payment_body("tok_ok")

        async def lane(number: int) -> None:
            for n in range(50):
                key = f"cpu-{number}-{n}"
                sent = {**body, "reference": key}
                reply = await client.call("POST", "/v1/payments", sent, key=key)
                assert reply.status == 201

        began, cpu = time.perf_counter(), process.cpu_s()
        async with asyncio.TaskGroup() as lanes:
            for number in range(40):
                lanes.create_task(lane(number))
        spent_us = (process.cpu_s() - cpu) / 2000 * 1e6
        print(f"{spent_us:.0f} µs CPU a request, {2000 / (time.perf_counter() - began):.0f}/s")
        assert (await client.call("GET", "/healthz")).json["payments"] == 2000
