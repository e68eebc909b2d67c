"""Every test token, end to end: answer, authoritative look-up, webhooks."""

import asyncio
import re
from typing import Any

import pytest

from seatwright.kit import clock
from seatwright.simulators.gateway.challenge import FORM_BYTES_MAX
from seatwright.simulators.gateway.tokens import BEHAVIOURS
from tests.integration.simulators.merchant import Client, Ear, Reply, payment_body


async def unanswered(work: Any, *, within_s: float = 1.0) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(work, within_s)


def types(letters: list[Any]) -> list[str]:
    return [letter.json["type"] for letter in letters]


async def test_ok_is_authorised_captured_and_refunded(gateway: Client, ear: Ear) -> None:
    opened = await gateway.pay("tok_ok", key="ok-1", reference="ord_ok_a1")
    payment = opened.json
    assert opened.status == 201
    assert payment["status"] == "authorised"
    assert payment["rank"] == 2
    assert payment["metadata"]["order"] == "ord_ok"
    assert payment["capture_before"] > payment["created_at"]
    assert payment["next_action"] is None

    captured = await gateway.operate(payment["id"], "captures", amount=4000, reference="cap")
    assert (captured.status, captured.json["status"]) == (200, "captured")
    assert captured.json["amount_captured"] == 4000
    assert captured.json["rank"] == 3

    first = await gateway.operate(payment["id"], "refunds", amount=1500, reference="r1")
    assert (first.status, first.json["status"]) == (201, "succeeded")
    rest = await gateway.operate(payment["id"], "refunds", reference="r2")
    assert rest.json["amount"] == 2500
    beyond = await gateway.operate(payment["id"], "refunds", amount=1)
    assert (beyond.status, beyond.json["error"]["code"]) == (409, "amount_too_large")

    [found] = await gateway.with_reference("ord_ok_a1")
    assert (found["amount_refunded"], found["rank"]) == (4000, 4)
    assert [refund["reference"] for refund in found["refunds"]] == ["r1", "r2"]
    letters = await ear.wait_for(payment["id"], 4)
    assert sorted(types(letters)) == [
        "payment.authorised",
        "payment.captured",
        "refund.succeeded",
        "refund.succeeded",
    ]
    assert all(letter.authentic for letter in letters)
    assert letters[0].json["livemode"] is False


async def test_automatic_capture_takes_the_money_at_once(gateway: Client, ear: Ear) -> None:
    payment = (await gateway.pay("tok_ok", capture="automatic")).json
    assert (payment["status"], payment["amount_captured"]) == ("captured", 4250)
    assert types(await ear.wait_for(payment["id"], 1)) == ["payment.captured"]


@pytest.mark.parametrize(
    ("token", "code"),
    [("tok_declined", "card_declined"), ("tok_insufficient_funds", "insufficient_funds")],
)
async def test_declines_name_their_reason(gateway: Client, ear: Ear, token: str, code: str) -> None:
    payment = (await gateway.pay(token)).json
    assert (payment["status"], payment["decline_code"], payment["rank"]) == ("declined", code, 1)
    assert types(await ear.wait_for(payment["id"], 1)) == ["payment.declined"]
    refused = await gateway.operate(payment["id"], "captures")
    assert (refused.status, refused.json["error"]["code"]) == (409, "not_capturable")


async def answer_page(gateway: Client, url: str, answer: str) -> Reply:
    async with gateway.session.get(url) as page:
        text = await page.text()
        assert page.status == 200
        assert "'none'" in page.headers["Content-Security-Policy"]
    token = re.search(r'name="token" value="([0-9a-f]+)"', text)
    assert token is not None
    form = {"token": token[1], "answer": answer}
    async with gateway.session.post(url, data=form, allow_redirects=False) as sent:
        return Reply(sent.status, None, sent.headers)


@pytest.mark.parametrize(
    ("answer", "status", "event"),
    [
        ("approve", "authorised", "payment.authorised"),
        ("decline", "declined", "payment.declined"),
    ],
)
async def test_a_challenge_is_answered_once_on_its_page(
    gateway: Client, ear: Ear, answer: str, status: str, event: str
) -> None:
    payment = (await gateway.pay("tok_challenge")).json
    assert payment["status"] == "challenge"
    assert payment["next_action"]["type"] == "redirect"
    url = payment["next_action"]["url"]

    async with gateway.session.post(url, data={"token": "0" * 64, "answer": answer}) as forged:
        assert forged.status == 403
    assert (await gateway.payment(payment["id"]))["status"] == "challenge"

    answered = await answer_page(gateway, url, answer)
    assert answered.status == 303
    assert answered.headers["Location"] == "http://shop.example/orders/1"
    after = await gateway.payment(payment["id"])
    assert (after["status"], after["next_action"]) == (status, None)
    assert types(await ear.wait_for(payment["id"], 1)) == [event]
    async with gateway.session.get(url) as again:
        assert "has been answered" in await again.text()


async def test_an_answered_challenge_keeps_its_first_answer(gateway: Client) -> None:
    payment = (await gateway.pay("tok_challenge")).json
    url = payment["next_action"]["url"]
    async with gateway.session.get(url) as page:
        found = re.search(r'name="token" value="([0-9a-f]+)"', await page.text())
    assert found is not None
    for answer in ("approve", "decline"):
        form = {"token": found[1], "answer": answer}
        async with gateway.session.post(url, data=form, allow_redirects=False) as sent:
            assert sent.status == 303
    assert (await gateway.payment(payment["id"]))["status"] == "authorised"


async def test_a_challenge_reads_no_form_longer_than_its_own(gateway: Client) -> None:
    payment = (await gateway.pay("tok_challenge")).json
    long = {"token": "0" * FORM_BYTES_MAX, "answer": "approve"}
    async with gateway.session.post(payment["next_action"]["url"], data=long) as refused:
        assert refused.status == 413
    assert (await gateway.payment(payment["id"]))["status"] == "challenge"


async def test_a_slow_answer_comes_after_three_seconds(gateway: Client) -> None:
    began = clock.monotonic()
    # Whichever of the two comes second, hears that the first is not done.
    both = [
        asyncio.ensure_future(gateway.pay("tok_slow_3s", key="slow", reference="slow_a1"))
        for _ in range(2)
    ]
    (first,), (second,) = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    impatient = first.result()
    assert (impatient.status, impatient.json["error"]["code"]) == (409, "in_progress")
    assert impatient.headers["Retry-After"] == "1"
    assert await gateway.with_reference("slow_a1") == []
    assert (await second).json["status"] == "authorised"
    assert clock.monotonic() - began >= 3


async def test_timeout_before_does_nothing_and_a_retry_works(gateway: Client) -> None:
    def attempt() -> Any:
        return gateway.pay("tok_timeout_before", key="before", reference="before_a1")

    await unanswered(attempt())
    assert await gateway.with_reference("before_a1") == []
    assert (await attempt()).json["status"] == "authorised"
    assert len(await gateway.with_reference("before_a1")) == 1


async def test_timeout_after_has_done_it(gateway: Client, ear: Ear) -> None:
    def attempt() -> Any:
        return gateway.pay("tok_timeout_after", key="after", reference="after_a1")

    await unanswered(attempt())
    [payment] = await gateway.with_reference("after_a1")
    assert payment["status"] == "authorised"
    assert types(await ear.wait_for(payment["id"], 1)) == ["payment.authorised"]
    again = await attempt()
    assert again.json["id"] == payment["id"]
    assert again.headers["Idempotent-Replayed"] == "true"


async def test_a_500_is_replayed_for_its_key_while_nothing_exists(gateway: Client) -> None:
    first = await gateway.pay("tok_error_500", key="fault", reference="fault_a1")
    again = await gateway.pay("tok_error_500", key="fault", reference="fault_a1")
    for broken in (first, again):
        assert (broken.status, broken.json["error"]["code"]) == (500, "internal")
    assert again.headers["Idempotent-Replayed"] == "true"
    assert await gateway.with_reference("fault_a1") == []


async def test_a_capture_that_fails_leaves_an_authorisation_to_void(gateway: Client) -> None:
    payment = (await gateway.pay("tok_capture_fails")).json
    for _ in range(2):
        failed = await gateway.operate(payment["id"], "captures", f"cap-{payment['id']}")
        assert (failed.status, failed.json["error"]["code"]) == (402, "capture_failed")
    voided = await gateway.operate(payment["id"], "voids")
    assert (voided.status, voided.json["status"]) == (200, "voided")
    assert voided.json["amount_captured"] == 0


async def test_a_refund_that_fails_is_accepted_first(gateway: Client, ear: Ear) -> None:
    payment = (await gateway.pay("tok_refund_fails", capture="automatic")).json
    refund = (await gateway.operate(payment["id"], "refunds", amount=1000)).json
    assert refund["status"] == "pending"
    assert (await gateway.payment(payment["id"]))["amount_refunded"] == 1000
    letters = await ear.wait_for(payment["id"], 2)
    assert types(letters) == ["payment.captured", "refund.failed"]
    after = await gateway.payment(payment["id"])
    assert after["amount_refunded"] == 0
    assert after["refunds"][0]["status"] == "failed"
    assert after["refunds"][0]["failure_code"] == "account_closed"


async def test_late_money_is_pending_then_captured(gateway: Client, ear: Ear) -> None:
    payment = (await gateway.pay("tok_auto_capture_late")).json
    assert (payment["status"], payment["rank"]) == ("pending", 0)
    refused = await gateway.operate(payment["id"], "voids")
    assert (refused.status, refused.json["error"]["code"]) == (409, "not_voidable")
    [letter] = await ear.wait_for(payment["id"], 1)
    assert letter.json["type"] == "payment.captured"
    assert letter.json["data"]["amount_captured"] == 4250
    assert (await gateway.payment(payment["id"]))["status"] == "captured"


async def test_duplicated_webhooks_come_five_times_side_by_side(gateway: Client, ear: Ear) -> None:
    ear.pause_s, ear.together_max = 0.2, 0
    try:
        payment = (await gateway.pay("tok_webhook_duplicated")).json
        letters = await ear.wait_for(payment["id"], 5)
    finally:
        ear.pause_s = 0.0
    assert len({letter.json["id"] for letter in letters}) == 1
    assert all(letter.authentic for letter in letters)
    assert ear.together_max == 5


async def test_reversed_webhooks_come_newest_first(gateway: Client, ear: Ear) -> None:
    payment = (await gateway.pay("tok_webhook_reversed")).json
    await gateway.operate(payment["id"], "captures")
    await gateway.operate(payment["id"], "refunds", amount=100)
    letters = await ear.wait_for(payment["id"], 3)
    assert types(letters) == ["refund.succeeded", "payment.captured", "payment.authorised"]
    assert [letter.json["data"]["rank"] for letter in letters] == [4, 3, 2]


async def test_webhooks_that_never_come(gateway: Client, ear: Ear) -> None:
    silent = (await gateway.pay("tok_webhook_never")).json
    await gateway.operate(silent["id"], "captures")
    # One that does come shows that the silent ones had their chance.
    loud = (await gateway.pay("tok_ok")).json
    await ear.wait_for(loud["id"], 1)
    assert ear.about(silent["id"]) == []
    assert (await gateway.payment(silent["id"]))["status"] == "captured"


async def test_a_forged_webhook_comes_beside_the_true_one(gateway: Client, ear: Ear) -> None:
    payment = (await gateway.pay("tok_webhook_forged")).json
    letters = await ear.wait_for(payment["id"], 2)
    assert sorted(letter.authentic for letter in letters) == [False, True]


async def test_an_unknown_token_is_refused(gateway: Client) -> None:
    refused = await gateway.pay("tok_of_gratitude")
    assert (refused.status, refused.json["error"]["code"]) == (422, "token_unknown")


def test_every_token_of_the_api_is_known() -> None:
    named = {
        "tok_ok", "tok_declined", "tok_insufficient_funds", "tok_challenge", "tok_slow_3s",
        "tok_timeout_before", "tok_timeout_after", "tok_error_500", "tok_capture_fails",
        "tok_refund_fails", "tok_auto_capture_late", "tok_webhook_duplicated",
        "tok_webhook_reversed", "tok_webhook_never", "tok_webhook_forged",
    }  # fmt: skip
    assert named == set(BEHAVIOURS)


async def test_webhooks_are_sent_again_until_received(gateway: Client, ear: Ear) -> None:
    ear.statuses[:] = [500, 503, 302]
    payment = (await gateway.pay("tok_ok")).json
    letters = await ear.wait_for(payment["id"], 4)
    assert len({letter.json["id"] for letter in letters}) == 1
    assert all(letter.authentic for letter in letters)


async def test_the_body_of_a_request_is_checked(gateway: Client) -> None:
    cases: list[tuple[dict[str, Any], int]] = [
        ({"amount": 0}, 422),
        ({"amount": 12.5}, 422),
        ({"amount": True}, 422),
        ({"currency": "eur"}, 422),
        ({"metadata": ["not", "an", "object"]}, 422),
        ({"return_url": "javascript:alert(1)"}, 422),
        ({"surprise": 1}, 422),
    ]
    for fields, status in cases:
        reply = await gateway.pay("tok_ok", **fields)
        assert reply.status == status, fields
        assert set(reply.json["error"]) == {"code", "message"}
    too_long = await gateway.call("POST", "/v1/payments", {"x": "y" * 70_000})
    assert too_long.status == 413
    wrong_key = {"Authorization": "Bearer other"}
    stranger = await gateway.call("POST", "/v1/payments", payment_body("tok_ok"), headers=wrong_key)
    assert stranger.status == 401
