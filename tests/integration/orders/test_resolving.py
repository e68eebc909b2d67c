"""Attempts that nobody waits for any more: looked at by one, less and less often."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from seatwright.contracts.payments import GatewayPayment
from seatwright.kit import clock
from seatwright.kit.errors import Unavailable
from seatwright.kit.signing import Keyring
from seatwright.orders.domain import codes
from seatwright.orders.domain.looking import CHALLENGE_REST_MAX, DOUBT_REST_MAX, rest_after
from seatwright.orders.domain.order import ABSENT_IS_FINAL_AFTER, ASKED_WITHIN, PAYMENT_DURATION
from seatwright.orders.domain.presenting import answer_now
from seatwright.orders.paying.tasks import LOOK_LEASE, LOOK_TIME
from seatwright.orders.reading.service import ReadOrders
from seatwright.payments.adapters.simulated import NAME
from tests.fakes.sold import SoldCatalog
from tests.integration.orders.till import Calendar, open_till
from tests.integration.simulators.test_gateway_tokens import answer_page

KEYS = Keyring(b"k" * 32)


@pytest.fixture(scope="module")
async def till(tmp_path_factory, database, truth):
    async with open_till(tmp_path_factory.mktemp("till"), database, truth) as opened:
        yield opened


class Slow:
    """A gateway whose look-ups wait until they may go on; counts them."""

    def __init__(self, payments, event=None):
        self._payments = payments
        self.asked = 0
        self.going = event or asyncio.Event()

    def __getattr__(self, name):
        return getattr(self._payments, name)

    async def look_up(self, **names):
        self.asked += 1
        await self.going.wait()
        return await self._payments.look_up(**names)


class Away(Slow):
    """A gateway that cannot be reached."""

    async def look_up(self, **names):
        self.asked += 1
        raise Unavailable("away")


async def in_doubt(till, event, seats, token="tok_ok"):
    """An attempt that was asked for and not answered."""
    order = await till.placed(event, seats, token)
    await till.truth.execute(
        "UPDATE orders.attempts SET state = 'in_doubt' WHERE order_id = $1", order.id
    )
    await till.truth.execute(
        "UPDATE orders.orders SET state = 'payment_in_doubt' WHERE id = $1", order.id
    )
    await till.due(order)
    return order


async def test_nobody_else_looks_while_a_look_takes_its_time(till, event):
    order = await in_doubt(till, event, [1])
    await till.pay.authorise(order)
    slow = Slow(till.payments)
    looking = asyncio.ensure_future(till.over(slow).resolver.step())
    while not slow.asked:
        await asyncio.sleep(0.01)
    # As long as all deadlines inside may take, and a webhook hastens it meanwhile.
    row = await till.attempt(order)
    assert row["leased_until"] - row["looked_at"] > LOOK_TIME >= timedelta(seconds=30)
    await till.truth.execute(
        "UPDATE orders.attempts SET due_at = clock_timestamp() WHERE order_id = $1", order.id
    )
    other = Slow(till.payments, slow.going)
    await till.over(other).resolver.step()
    assert other.asked == 0
    slow.going.set()
    await looking
    assert await till.state(order) == "paid"
    assert LOOK_LEASE > LOOK_TIME


async def test_a_look_that_ends_open_is_followed_by_longer_and_longer_rests(till, event):
    order = await in_doubt(till, event, [2])
    rests = []
    for _ in range(4):
        await till.over(Away(till.payments)).resolver.step()
        row = await till.attempt(order)
        assert row["leased_until"] is None
        rests.append(row["due_in_s"])
        await till.due(order)
    assert [round(rest) for rest in rests] == [4, 8, 16, 32]


async def test_a_look_that_was_hastened_meanwhile_is_followed_by_another(till, event):
    order = await in_doubt(till, event, [3])
    (taken,) = [one for one in await till.paying.due(50, LOOK_LEASE) if one.order == order.id]
    await till.truth.execute(
        "UPDATE orders.attempts SET due_at = clock_timestamp() WHERE order_id = $1", order.id
    )
    assert not [one for one in await till.paying.due(50, LOOK_LEASE) if one.order == order.id]
    await till.paying.look_again(taken, timedelta(minutes=5))
    assert [one for one in await till.paying.due(50, LOOK_LEASE) if one.order == order.id]


def test_rests_double_up_to_a_bound():
    def rest(state: Any, looks: int) -> timedelta:
        return rest_after(state, looks, age=timedelta(0), silence=timedelta(hours=1))

    assert [rest("challenge", n).total_seconds() for n in range(1, 6)] == [30, 60, 120, 240, 300]
    assert rest("challenge", 10**6) == CHALLENGE_REST_MAX
    assert rest("in_doubt", 10**6) == DOUBT_REST_MAX


def test_no_end_is_slept_through():
    age, silent = timedelta(minutes=14), timedelta(seconds=48)
    rest = rest_after("in_doubt", 5, age=age, silence=silent)
    assert rest == ABSENT_IS_FINAL_AFTER - silent
    rest = rest_after("challenge", 5, age=age, silence=silent)
    assert rest == PAYMENT_DURATION - age + timedelta(seconds=1)
    assert rest_after("in_doubt", 1, age=age, silence=silent).total_seconds() == 4


async def test_a_challenge_nobody_has_answered_in_time_ends_at_one_look(till, event):
    order = await till.placed(event, [30], "tok_challenge")
    assert (await till.pay.pay(order, key=None)).payment_status == "challenge"
    await till.older(order, "created_at", PAYMENT_DURATION.total_seconds())
    await till.due(order)
    await till.resolver.step()
    assert (await till.attempt(order))["state"] == "voided"
    assert await till.state(order) == "awaiting_payment"


class Meeting(Slow):
    """A gateway whose buyer answers a challenge between a look and the void that follows it."""

    def __init__(self, payments, meet):
        super().__init__(payments)
        self.going.set()
        self._meet = meet

    async def void(self, **names):
        await self._meet()
        return await self._payments.void(**names)


async def until_authorised(till, order):
    (payment,) = (await till.at_gateway(order))["payments"]
    answered = await answer_page(till.client, payment["next_action"]["url"], "approve")
    assert answered.status == 303
    return await till.payments.look_up(gateway=NAME, reference=order.attempt.reference)


@pytest.mark.parametrize("known_as", ["created", "in_doubt"])
async def test_a_challenge_of_which_we_never_heard_is_shown_and_can_be_passed(
    till, event, known_as
):
    lost = till.placed if known_as == "created" else partial(in_doubt, till)
    order = await lost(event, [34], "tok_challenge")
    # Its reply is lost, or whoever waited for it was killed.
    assert (await till.pay.authorise(order)).standing == "challenge"
    await till.due(order)
    await till.resolver.step()
    row = await till.attempt(order)
    assert row["state"] == "challenge"
    assert row["due_in_s"] > 10
    found = await till.reading.order(event, order.id)
    assert (found.state, answer_now(found).challenge_url) == ("paying", row["challenge_url"])
    (payment,) = (await till.at_gateway(order))["payments"]
    assert row["challenge_url"] == payment["next_action"]["url"]
    assert (await until_authorised(till, order)).standing == "authorised"
    await till.due(order)
    await till.resolver.step()
    assert await till.state(order) == "paid"


async def test_who_answers_while_an_attempt_is_called_off_is_sold_nothing(till, event):
    order = await till.placed(event, [31], "tok_challenge")
    await till.pay.pay(order, key=None)
    order = await till.reading.order(event, order.id)
    await till.older(order, "created_at", PAYMENT_DURATION.total_seconds())
    await till.due(order)
    sold: list[Any] = []

    async def answer():
        if not sold:
            sold.append(None)
            payment = await until_authorised(till, order)
            assert payment.standing == "authorised"
            sold[0] = (await till.pay.settle(order, payment, key=None)).status

    await till.over(Meeting(till.payments, answer)).resolver.step()
    assert sold == ["awaiting_payment"]
    (payment,) = (await till.at_gateway(order))["payments"]
    assert payment["status"] == "voided"
    assert (await till.attempt(order))["state"] == "voided"
    assert await till.state(order) == "awaiting_payment"
    assert not await till.truth.fetchval(
        "SELECT count(*) FROM orders.tickets WHERE order_id = $1", order.id
    )


async def test_what_was_called_off_is_asked_for_until_the_gateway_has_nothing(till, event):
    order = await till.placed(event, [32], "tok_challenge")
    await till.pay.pay(order, key=None)
    await till.older(order, "created_at", PAYMENT_DURATION.total_seconds())
    await till.due(order)

    async def away():
        raise Unavailable("away")

    await till.over(Meeting(till.payments, away)).resolver.step()
    assert (await till.attempt(order))["state"] == "voiding"
    assert (await till.attempt(order))["due_in_s"] < 5
    # The bank's page still works; its buyer is late all the same.
    assert (await until_authorised(till, order)).standing == "authorised"
    await till.due(order)
    await till.resolver.step()
    assert (await till.attempt(order))["state"] == "voided"
    assert (await till.at_gateway(order))["totals"]["authorised"] == 0
    assert await till.state(order) == "awaiting_payment"


async def test_nothing_is_sold_of_an_event_that_was_cancelled_meanwhile(till, event):
    till = replace(till, calendar=Calendar("cancelled"))
    order = await till.placed(event, [33], "tok_challenge")
    await till.pay.pay(order, key=None)
    assert (await until_authorised(till, order)).standing == "authorised"
    await till.due(order)
    await till.resolver.step()
    assert (await till.attempt(order))["state"] == "voided"
    assert (await till.at_gateway(order))["totals"]["authorised"] == 0
    assert await till.state(order) == "awaiting_payment"


async def test_a_buyer_who_comes_back_hastens_the_look_but_not_at_every_reading(till, event):
    order = await in_doubt(till, event, [4])
    await till.older(order, "created_at", 5)
    await till.truth.execute(
        "UPDATE orders.attempts SET state = 'challenge', due_at = due_at + interval '4 minutes'"
        " WHERE order_id = $1", order.id,
    )  # fmt: skip
    reader = ReadOrders(keys=KEYS, store=till.reading, catalog=SoldCatalog())

    async def due_after_reading() -> bool:
        await reader.shown(order.code, secret=codes.secret(KEYS, order.id), principal=None)
        return bool((await till.attempt(order))["due_in_s"] <= 0)

    assert await due_after_reading()
    await till.over(Away(till.payments)).resolver.step()
    assert not await due_after_reading(), "somebody looked a moment ago"
    await till.older(order, "looked_at", 11)
    assert await due_after_reading()


class Lost(Slow):
    """A gateway that no request to authorise reaches, and that says it knows of none."""

    def __init__(self, payments):
        super().__init__(payments)
        self.heard = []

    async def authorise(self, *, request):
        self.heard.append(request.reference)
        return GatewayPayment(reference=request.reference, standing="in_doubt")

    async def look_up(self, **names):
        return await self._payments.look_up(**names)


async def test_absent_is_final_only_at_the_end_of_a_silence_that_began_with_a_look(till, event):
    order = await in_doubt(till, event, [5])
    # Nobody has looked for ten minutes; the request may have left its process this very moment.
    await till.older(order, "created_at", 600)
    lost = Lost(till.payments)
    for _ in range(2):
        await till.over(lost).resolver.step()
        assert (await till.attempt(order))["state"] == "in_doubt"
        await till.due(order)
    # A second look does not begin another silence.
    await till.older(order, "absent_since", ABSENT_IS_FINAL_AFTER.total_seconds() - 1)
    await till.over(lost).resolver.step()
    assert (await till.attempt(order))["state"] == "in_doubt"
    await till.older(order, "absent_since", 1)
    await till.due(order)
    await till.over(lost).resolver.step()
    assert (await till.attempt(order))["state"] == "failed"
    assert await till.state(order) == "awaiting_payment"
    assert order.attempt.reference not in lost.heard, "an old attempt is not begun any more"


async def test_a_request_that_comes_in_the_silence_is_found_at_its_end(till, event):
    order = await in_doubt(till, event, [10])
    await till.older(order, "created_at", 600)
    await till.over(Lost(till.payments)).resolver.step()
    await till.pay.authorise(order)
    await till.older(order, "absent_since", ABSENT_IS_FINAL_AFTER.total_seconds())
    await till.due(order)
    await till.resolver.step()
    assert await till.state(order) == "paid"


async def test_whoever_slept_since_the_attempt_was_written_asks_nobody(till, event):
    order = await till.placed(event, [11])
    slept = clock.monotonic() - ASKED_WITHIN.total_seconds() - 1
    answer = await till.pay.pay(order, key=None, begun=slept)
    assert (answer.status, answer.payment_status) == ("payment_in_doubt", "in_doubt")
    assert not (await till.at_gateway(order))["payments"]
    other = await till.placed(event, [12])
    answer = await till.pay.pay(other, key=None, begun=slept + 2)
    assert answer.status == "paid"


async def test_a_retry_writes_down_that_it_is_about_to_ask(till, event):
    order = await in_doubt(till, event, [6])
    await till.truth.execute(
        "UPDATE orders.attempts SET absent_since = clock_timestamp() - interval '59 seconds'"
        " WHERE order_id = $1", order.id,
    )  # fmt: skip
    seen = []

    class Watching(Lost):
        async def authorise(self, *, request):
            if request.order == order.id:
                seen.append((await till.attempt(order))["absent_since"])
            return await super().authorise(request=request)

    await till.over(Watching(till.payments)).resolver.step()
    assert seen == [None], "the silence is over"
    assert (await till.attempt(order))["state"] == "in_doubt"


async def test_money_is_back_when_its_refund_has_arrived_and_not_before(till, event):
    order = await till.placed(event, [7], "tok_refund_fails")
    await till.pay.pay(order, key=None)
    (payment,) = (await till.at_gateway(order))["payments"]
    await till.client.call("POST", f"/v1/payments/{payment['id']}/captures", {})
    taken = await till.payments.look_up(gateway=NAME, reference=order.attempt.reference)
    assert taken.standing == "captured"
    assert not await till.pay.void(order.attempt, taken), "it is pending, and will fail"
    seen = await till.payments.look_up(gateway=NAME, reference=order.attempt.reference)
    assert seen.refunded == 0


async def test_what_a_gateway_that_was_taken_away_may_hold_is_never_over(till, event):
    begun, doubtful = await till.placed(event, [8]), await in_doubt(till, event, [9])
    await till.truth.execute(
        "UPDATE orders.attempts SET gateway = 'gone', due_at = clock_timestamp()"
        " WHERE order_id = ANY ($1)", [begun.id, doubtful.id],
    )  # fmt: skip
    await till.resolver.step()
    states = [(await till.attempt(one))["state"] for one in (begun, doubtful)]
    assert states == ["created", "in_doubt"], "no reply may have come back with a payment's name"
    for one in (begun, doubtful):
        await till.truth.execute(
            "UPDATE orders.attempts SET gateway = 'simulated' WHERE order_id = $1", one.id
        )
        await till.due(one)
    await till.resolver.step()
    assert await till.state(doubtful) in {"paid", "payment_in_doubt"}
