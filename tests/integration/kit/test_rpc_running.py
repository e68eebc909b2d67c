"""Calls that run beside each other, and processes that end while they do."""

import asyncio
from datetime import timedelta

import pytest

from seatwright.kit import clock, errors, ids, log, rpc
from seatwright.kit.broker import Broker
from seatwright.kit.rpc import Contract, Server, remote
from tests.integration.kit.own_nats import own_nats
from tests.integration.kit.seats_far import Office, Seats, far


@pytest.mark.parametrize(
    ("method", "kind"), [("one", errors.Unavailable), ("take", errors.Unknown)]
)
async def test_a_broker_that_falls_during_a_call(method, kind, monkeypatch):
    monkeypatch.setattr("seatwright.kit.limits.RPC_READ", timedelta(milliseconds=300))
    monkeypatch.setattr("seatwright.kit.limits.RPC_WRITE", timedelta(milliseconds=300))
    async with own_nats() as server:
        broker = await Broker.connect(server.url, name="rpc-tests")
        office = Office()
        office.gate.clear()
        async with far(broker, office) as seats:
            arguments = {"seat": 1} | ({"until": clock.now()} if method == "take" else {})
            call = asyncio.ensure_future(getattr(seats, method)(**arguments))
            await asyncio.sleep(0)
            server.kill()
            with pytest.raises(errors.Expected) as caught:
                await call
            assert type(caught.value) is kind
            office.gate.set()
        await broker.client.close()


async def test_many_calls_run_beside_each_other_and_each_gets_its_own_answer(broker):
    office = Office()
    office.gate.clear()
    async with far(broker, office) as seats:
        calls = [asyncio.ensure_future(seats.one(seat=n)) for n in range(500)]
        async with asyncio.timeout(10):
            while office.busy < 500:
                await asyncio.sleep(0.01)
        # One that is slow keeps nobody else waiting.
        assert await seats.maybe(seat=1) is None
        office.gate.set()
        found = await asyncio.gather(*calls)
    assert [seat.id for seat in found] == list(range(500))
    assert office.most_busy == 500


async def test_no_more_calls_run_at_once_than_may(broker, monkeypatch):
    monkeypatch.setattr(rpc, "CALLS_AT_ONCE_MAX", 5)
    office = Office()
    async with far(broker, office) as seats:
        await asyncio.gather(*(seats.one(seat=n) for n in range(50)))
    assert office.most_busy <= 5


async def test_processes_of_one_service_share_the_calls(broker, engines):
    contract = Contract.of(f"seats{ids.short_id()}", Seats)
    offices = [Office(), Office()]
    other = await Broker.connect(engines.nats_url, name="other")
    for connection, office in zip((broker, other), offices, strict=True):
        await Server(connection, contract, office).start()
        await connection.client.flush()
    seats = remote(broker, contract)
    until = clock.now()
    await asyncio.gather(*(seats.take(seat=n, until=until) for n in range(100)))
    taken = [sorted(seat for seat, _ in office.taken) for office in offices]
    assert sorted(taken[0] + taken[1]) == list(range(100)), "each call was answered once"
    assert all(taken)
    await other.close()


async def test_a_server_that_stops_answers_what_it_was_asked_and_is_asked_nothing_more(
    broker, engines
):
    contract = Contract.of(f"seats{ids.short_id()}", Seats)
    offices = [Office(), Office()]
    other = await Broker.connect(engines.nats_url, name="other")
    servers = [
        Server(connection, contract, office)
        for connection, office in zip((broker, other), offices, strict=True)
    ]
    seats = remote(broker, contract)
    for server in servers:
        await server.start()
    await other.client.flush()
    for office in offices:
        office.gate.clear()
    calls = [asyncio.ensure_future(seats.one(seat=n)) for n in range(100)]
    async with asyncio.timeout(10):
        while sum(office.busy for office in offices) < 100:
            await asyncio.sleep(0.01)
    held = offices[1].busy
    assert held
    leaving = asyncio.ensure_future(servers[1].stop())
    async with asyncio.timeout(10):
        while other.client._subs:
            await asyncio.sleep(0.01)
    offices[0].gate.set()
    found = [await seats.one(seat=100) for _ in range(20)]
    assert not leaving.done()
    offices[1].gate.set()
    found += await asyncio.gather(*calls)
    await leaving
    await servers[1].stop()
    assert len(found) == 120
    assert (offices[1].most_busy, offices[1].busy) == (held, 0)
    await other.close()


async def test_a_call_that_never_ends_keeps_no_server_from_stopping(broker, monkeypatch):
    for deadline in ("RPC_READ", "RPC_WRITE"):
        monkeypatch.setattr(f"seatwright.kit.limits.{deadline}", timedelta(milliseconds=200))
    contract = Contract.of(f"seats{ids.short_id()}", Seats)
    office = Office()
    office.gate.clear()
    server = Server(broker, contract, office)
    await server.start()
    with pytest.raises(errors.Unavailable):
        await remote(broker, contract).one(seat=1)
    async with asyncio.timeout(5):
        await server.stop()
    assert office.busy == 1
    office.gate.set()


async def test_time_spent_in_another_service_is_told_to_the_request(broker):
    line = log.open_canonical()
    async with far(broker, Office()) as seats:
        await seats.maybe(seat=1)
    (name,) = line
    assert name.startswith("seats")
    assert name.endswith("_ms")


async def test_a_caller_that_goes_leaves_the_connection_good(broker):
    office = Office()
    office.gate.clear()
    async with far(broker, office) as seats:
        call = asyncio.ensure_future(seats.one(seat=1))
        async with asyncio.timeout(10):
            while not office.busy:
                await asyncio.sleep(0.001)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        office.gate.set()
        assert (await seats.one(seat=2)).id == 2
