"""A call to another process answers like a call in this one, or says that it did not answer."""

from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pytest
import structlog

from seatwright.kit import clock, errors, ids, rpc, telemetry
from seatwright.kit.rpc import Contract, Server, remote
from tests.integration.kit.seats_far import Mismatch, Office, Seat, SeatGone, SeatId, Seats, far


async def test_an_answer_arrives_as_its_type(broker):
    office = Office()
    until = datetime(2026, 11, 23, 20, 15, 0, 123456, UTC)
    async with far(broker, office) as seats:
        assert await seats.one(seat=7) == Seat(id=SeatId(7), names=("a", "ü"))
        extra = {"x": frozenset({"y", "z"})}
        found = await seats.many(seats=[3, 1], extra=extra)
        assert [seat.id for seat in found] == [3, 1]
        assert await seats.maybe(seat=1) is None
        assert await seats.take(seat=1, until=until) is None
    assert office.taken == [(1, until)]


@pytest.mark.parametrize(
    "refusal",
    [
        errors.NotFound("No such seat."),
        errors.Conflict("Taken.", code="seats_taken", seats=["A:1:2"], at=3),
        errors.TooMany("Slowly.", retry_after_s=4),
        errors.Unavailable("Away."),
        errors.Unknown("Who knows."),
        errors.Expected(),
        SeatGone(seat=7),
        errors.invalid("/seat", "range", "Too far."),
        Mismatch((errors.Problem("/a", "b", "c"), errors.Problem("", "d", "e"))),
        Mismatch(detail="Another request had this key."),
    ],
    ids=lambda refusal: f"{type(refusal).__name__}-{refusal.code}",
)
async def test_a_refusal_keeps_its_class_code_words_and_facts(broker, refusal):
    office = Office()
    office.fault = refusal
    async with far(broker, office) as seats:
        with pytest.raises(errors.Expected) as caught:
            await seats.one(seat=1)
    got = caught.value
    assert type(got) is type(refusal)
    assert (got.code, got.detail, str(got)) == (refusal.code, refusal.detail, str(refusal))
    assert dict(got.facts) == dict(refusal.facts)
    assert got.title == refusal.title
    assert getattr(got, "problems", None) == getattr(refusal, "problems", None)
    assert type(refusal).code == refusal.code or got.code != type(got).code


async def test_a_refusal_that_this_process_does_not_know_keeps_its_kind(broker, monkeypatch):
    office = Office()
    office.fault = SeatGone(seat=7)
    known = rpc._all_refusals
    monkeypatch.setattr(
        rpc, "_all_refusals", lambda: {k: v for k, v in known().items() if "SeatGone" not in k}
    )
    async with far(broker, office) as seats:
        with pytest.raises(errors.Gone) as caught:
            await seats.one(seat=1)
    assert type(caught.value) is errors.Gone
    assert (caught.value.code, caught.value.facts) == ("seat_gone", {"seat": 7})


async def test_two_refusals_of_one_name_are_not_mistaken_for_each_other(broker):
    class Mismatch(errors.Forbidden):  # the same name as above, another meaning
        code = "other_mismatch"

    office = Office()
    async with far(broker, office) as seats:
        for refusal in (Mismatch("x"), globals()["Mismatch"](detail="x")):
            office.fault = refusal
            with pytest.raises(errors.Expected) as caught:
                await seats.one(seat=1)
            assert type(caught.value) is type(refusal)


async def test_a_far_bug_is_unavailable_and_tells_nothing(broker):
    office = Office()
    office.fault = ZeroDivisionError("the secret inside")
    async with far(broker, office) as seats:
        with pytest.raises(errors.Unavailable) as caught:
            await seats.one(seat=1)
    assert "secret" not in str(caught.value)


async def test_an_answer_that_the_broker_cannot_carry_is_a_fault_that_is_told(broker):
    office = Office()
    office.names = ("x" * broker.client.max_payload,)
    started = clock.monotonic()
    async with far(broker, office) as seats:
        with structlog.testing.capture_logs() as lines, pytest.raises(errors.Unavailable) as caught:
            await seats.one(seat=1)
        assert clock.monotonic() - started < 1, "said at once, not after the deadline"
        assert "failed" in str(caught.value)
        (line,) = [line for line in lines if line["event"] == "rpc_reply_too_large"]
        assert (line["log_level"], line["method"]) == ("error", "one")
        assert line["reply_bytes"] > broker.client.max_payload
        office.names = ("x" * (broker.client.max_payload - 1000),)
        assert len((await seats.one(seat=1)).names[0]) == broker.client.max_payload - 1000


async def test_two_releases_of_a_contract_understand_each_other(broker):
    class Before(Protocol):
        async def ask(self, *, seat: SeatId) -> int: ...

    class After(Protocol):
        async def ask(self, *, seat: SeatId, row: int | None = None) -> int: ...

    class Old:
        async def ask(self, *, seat: SeatId) -> int:
            return seat

    class New:
        async def ask(self, *, seat: SeatId, row: int | None) -> int:
            return seat if row is None else 100 * row + seat

    for office, answered, asked, expected in (
        (New(), After, Before, 7),
        (Old(), Before, After, 7),
        (New(), After, After, 307),
    ):
        name = f"seats{ids.short_id()}"
        await Server(broker, Contract.of(name, answered), office).start()
        await broker.client.flush()
        row = {"row": 3} if asked is After else {}
        assert await remote(broker, Contract.of(name, asked)).ask(seat=7, **row) == expected


async def test_arguments_of_the_wrong_kind_are_a_far_fault(broker):
    async with far(broker, Office()) as seats:
        with pytest.raises(errors.Unavailable):
            await seats.one(seat="not a number")
        with pytest.raises(TypeError):
            await seats.one(chair=1)


@pytest.mark.parametrize(
    ("method", "kind"), [("one", errors.Unavailable), ("take", errors.Unknown)]
)
async def test_without_an_answer_a_read_is_unavailable_and_a_write_unknown(
    broker, monkeypatch, method, kind
):
    monkeypatch.setattr("seatwright.kit.limits.RPC_READ", timedelta(milliseconds=100))
    monkeypatch.setattr("seatwright.kit.limits.RPC_WRITE", timedelta(milliseconds=200))
    office = Office()
    office.gate.clear()
    async with far(broker, office) as seats:
        arguments: dict[str, Any] = {"seat": 1}
        if method == "take":
            arguments["until"] = clock.now()
        with pytest.raises(errors.Expected) as caught:
            await getattr(seats, method)(**arguments)
        assert type(caught.value) is kind
        office.gate.set()
        assert await seats.maybe(seat=1) is None, "a late answer disturbs nobody"
    if method == "take":
        assert office.taken, "unknown is the truth: it did happen"


@pytest.mark.parametrize("method", ["one", "take"])
async def test_where_nobody_listens_nothing_was_done(broker, method):
    contract = Contract.of("nobody", Seats, writes=frozenset({"take"}))
    seats = remote(broker, contract)
    before = telemetry.DEGRADED.labels("nobody")._value.get()
    arguments = {"seat": 1} | ({"until": clock.now()} if method == "take" else {})
    started = clock.monotonic()
    with pytest.raises(errors.Unavailable):
        await getattr(seats, method)(**arguments)
    assert clock.monotonic() - started < 1, "said at once, not after the deadline"
    assert telemetry.DEGRADED.labels("nobody")._value.get() == before + 1


def test_a_contract_is_read_from_its_protocol():
    class Small(Protocol):
        async def ask(self, *, seat: SeatId) -> int: ...

        async def _private(self) -> None: ...

    contract = Contract.of("small", Small, writes=frozenset({"ask"}))
    assert set(contract.methods) == {"ask"}
    assert contract.methods["ask"].answer is int
    assert contract.writes == {"ask"}
