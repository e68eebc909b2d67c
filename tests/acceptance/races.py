"""
Races over HTTP against several processes, judged by PostgreSQL and the gateway's ledger.

Each ends by raising an AssertionError when a promise is broken; `tests/mutants` shows that it
does, by running the same races against processes whose protection was taken away.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Any

from tests.acceptance.house import House
from tests.acceptance.judging import charges, conservation, count, lied, nothing_is_sold_twice
from tests.acceptance.shop import Answer, Gala, Shop, new_key, patiently

# Buyers at work at once; all of them come, but a client machine has only so many connections.
CROWD = 120
SEATS_A_BUYER_MAX = 4
TRIES = 3
AT_ONCE = 20


async def everybody_holds_one_seat(shops: Sequence[Shop], gala: Gala, buyers: int) -> str:
    """One buyer gets the seat, all others a polite refusal; answers the winner's token."""
    seat = gala.seats[len(gala.seats) // 2]

    async def hold(n: int) -> Answer:
        return await patiently(shops[n % len(shops)].hold, gala, [seat])

    answers = await crowd(hold, buyers)
    assert Counter(answer.status for answer in answers) == {201: 1, 409: buyers - 1}
    for answer in answers:
        if answer.status != 201:
            assert answer.problem(409, "seats_taken")["seats"] == [seat]
    return str(next(answer for answer in answers if answer.status == 201).body["hold_token"])


async def everybody_orders_one_seat(
    house: House, shops: Sequence[Shop], gala: Gala, buyers: int
) -> None:
    """
    Valkey lied to everybody: all have a good hold token for one seat, and pay with it.

    One gets the seat. The others are refused before any gateway hears of them.
    """
    real = await shops[0].held(gala, [gala.seats[7]])
    tokens = lied(house, real["hold_token"], buyers)

    async def order(n: int) -> Answer:
        return await patiently(shops[n % len(shops)].place, tokens[n], key=new_key())

    answers = await crowd(order, buyers)
    assert Counter(answer.status for answer in answers) == {201: 1, 409: buyers - 1}
    assert {answer.code for answer in answers if answer.status == 409} == {"seats_taken"}
    await nothing_is_sold_twice(house, gala)
    assert await count(house, gala) == {"orders": 1, "claims": 1, "tickets": 1}
    assert len(await charges(house, gala)) == 1


async def everybody_buys_while_valkey_forgets(
    house: House, shops: Sequence[Shop], gala: Gala, buyers: int, *, seed: int = 20_26
) -> dict[str, int]:
    """
    Buyers fight over a small hall; half-way Valkey loses all it knows.

    Whoever is refused tries other seats, some times. Answers what became of them.
    """
    rng = Random(seed)
    wishes = [
        [_neighbours(rng, gala) for _ in range(TRIES)] for _ in range(buyers)
    ]  # decided before, so that a run can be repeated
    begun = 0
    fates: Counter[str] = Counter()

    async def buyer(n: int) -> None:
        nonlocal begun
        begun += 1
        if begun == buyers // 2:
            await house.flush()
        fates[await _one_buyer(shops[n % len(shops)], gala, wishes[n])] += 1

    await crowd(buyer, buyers)
    await nothing_is_sold_twice(house, gala)
    await conservation(house, shops[0], gala)
    assert fates["bought"] * 2 > len(gala.seats) // SEATS_A_BUYER_MAX, "too few bought anything"
    assert fates["refused"], "nobody was refused: that was no fight"
    return dict(fates)


async def one_key_at_once(house: House, shops: Sequence[Shop], gala: Gala) -> None:
    """The same request 20 times at once, over all processes: one order, one answer."""
    hold = await shops[0].held(gala, gala.row(3)[:3])
    key = new_key()

    async def send(n: int) -> Answer:
        return await shops[n % len(shops)].place(hold["hold_token"], key=key)

    first = await asyncio.gather(*(send(n) for n in range(AT_ONCE)))
    one_answer_or_in_flight(first)
    settled = await asyncio.gather(*(patiently(send, n) for n in range(AT_ONCE)))
    assert len({answer.ok(201)["code"] for answer in settled}) == 1
    assert {answer.body["status"] for answer in settled} == {"paid"}
    assert (await count(house, gala))["orders"] == 1
    await nothing_is_sold_twice(house, gala)


def one_answer_or_in_flight(answers: Sequence[Answer]) -> None:
    """Every answer is the order, or 409 `in_progress` that says when to ask again."""
    made = [answer for answer in answers if answer.status == 201]
    assert len({answer.body["code"] for answer in made}) <= 1
    for answer in answers:
        if answer.status != 201:
            answer.problem(409, "in_progress")
            assert int(answer.headers["Retry-After"]) >= 1


async def crowd(one: Callable[[int], Awaitable[Any]], people: int) -> list[Any]:
    """Everybody, `CROWD` at a time."""
    places = asyncio.Semaphore(CROWD)

    async def come(n: int) -> Any:
        async with places:
            return await one(n)

    return list(await asyncio.gather(*(come(n) for n in range(people))))


async def _one_buyer(shop: Shop, gala: Gala, wishes: Sequence[Sequence[str]]) -> str:
    for seats in wishes:
        held = await patiently(shop.hold, gala, seats)
        if held.status == 409:
            held.problem(409, "seats_taken")
            continue
        hold = held.ok(201)
        answer = await patiently(shop.place, hold["hold_token"], key=new_key())
        if answer.status == 201:
            assert answer.body["status"] == "paid", answer.body
            return "bought"
        answer.problem(409, "seats_taken")
        released = await patiently(shop.delete, f"/v1/holds/{hold['id']}")
        assert released.status in {204, 404, 410}
    return "refused"


def _neighbours(rng: Random, gala: Gala) -> list[str]:
    # Gaussian: everybody wants the middle, so that there is a fight and yet all may be sold.
    many = rng.randint(1, SEATS_A_BUYER_MAX)
    start = min(len(gala.seats) - many, max(0, int(rng.gauss(len(gala.seats) / 2, 60))))
    return list(gala.seats[start : start + many])
