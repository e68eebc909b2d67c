"""
Whatever is asked in whatever order: the functions in Valkey and the rules in Python say the same.

Each answer carries Valkey's time, at which the rules then judge; so even a hold that runs out
between two calls is no excuse. Afterwards the keys themselves are looked at.
"""

import asyncio
from typing import Any

from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from seatwright.contracts.catalog import ChartHash, EventId
from seatwright.contracts.charts import SeatState, bits_size, unpack_states
from seatwright.contracts.reservations import HoldId
from seatwright.kit import ids
from seatwright.kit.valkey import Valkey
from seatwright.reservations.adapters.holds import ValkeyHolds, keys_of
from seatwright.reservations.domain import holding
from seatwright.reservations.domain.holding import LiveHold
from seatwright.reservations.domain.outcomes import Absent, Filling, Wish
from tests.integration.reservations.own_valkey import OwnValkey

CHART = ChartHash("c" * 32)
SEATS = 12
HOLDS = st.sampled_from([HoldId(f"hold-{n}") for n in range(6)])
HOLDERS = st.sampled_from(["hold:x", "person-1", "person-2"])
# One beyond the last: an unknown seat is asked for now and then.
CARTS = st.lists(st.integers(0, SEATS), min_size=1, max_size=5, unique=True).map(tuple)
DURATIONS = st.sampled_from([1, 3, 8, 60_000])


class Machine(RuleBasedStateMachine):
    loop: asyncio.AbstractEventLoop
    valkey: Valkey

    def __init__(self) -> None:
        super().__init__()
        self.store = ValkeyHolds(self.valkey)
        self.event = EventId(ids.short_id())
        filled = self.run(
            self.store.fill(
                event=self.event,
                filling=Filling("epoch-01", SEATS, CHART, 1, bytes(bits_size(SEATS)), ()),
                force=False,
            )
        )
        self.start = filled.version
        self.book = holding.new_book(SEATS, filled.version, {})

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    @rule(hold=HOLDS, holder=HOLDERS, seats=CARTS, duration=DURATIONS, cap=DURATIONS)
    def hold(
        self, hold: HoldId, holder: str, seats: tuple[int, ...], duration: int, cap: int
    ) -> None:
        group = "" if holder == "hold:x" else holder
        wish = Wish(hold, holder, group, seats, 6, duration, cap, False, b"note")
        said = self.run(self.store.hold(event=self.event, chart=CHART, wish=wish))
        self.book, expected = holding.hold(self.book, wish, said.now_ms)
        assert said == expected

    @rule(hold=HOLDS)
    def look(self, hold: HoldId) -> None:
        said = self.run(self.store.look(event=self.event, hold=hold))
        known = hold in self.book.holds
        assert said == (self.book.known(hold, said.now_ms) if known else Absent(said.now_ms))

    @rule(hold=HOLDS, holder=HOLDERS, by_ms=DURATIONS)
    def extend(self, hold: HoldId, holder: str, by_ms: int) -> None:
        said = self.run(self.store.extend(event=self.event, hold=hold, holder=holder, by_ms=by_ms))
        self.book, expected = holding.extend(self.book, hold, holder, by_ms, said.now_ms)
        assert said == expected

    @rule(hold=HOLDS, longer=DURATIONS)
    def keep(self, hold: HoldId, longer: int) -> None:
        one = self.book.holds.get(hold)
        until_ms = longer + (one.expires_ms if one else 0)
        said = self.run(self.store.keep(event=self.event, hold=hold, until_ms=until_ms))
        self.book, expected = holding.keep(self.book, hold, until_ms, said.now_ms)
        assert said == expected

    @rule(hold=HOLDS, holder=HOLDERS)
    def release(self, hold: HoldId, holder: str) -> None:
        said = self.run(self.store.release(event=self.event, hold=hold, holder=holder))
        self.book, expected = holding.release(self.book, hold, holder, said.now_ms)
        assert said == expected

    @rule(
        seats=CARTS,
        state=st.sampled_from([SeatState.FREE, SeatState.SOLD, SeatState.BLOCKED]),
        ended=st.none() | HOLDS,
        changes_ago=st.none() | st.integers(0, 4),
    )
    def mark(
        self,
        seats: tuple[int, ...],
        state: SeatState,
        ended: HoldId | None,
        changes_ago: int | None,
    ) -> None:
        since = later = None
        if changes_ago is not None:
            since, later = self.changed(changes_ago)
        said = self.run(
            self.store.mark(
                event=self.event, seats=list(seats), state=state, ended=ended, since=since
            )
        )
        self.book, expected = holding.mark(self.book, seats, state, ended, later, said.now_ms)
        assert said == expected

    @rule(hold=HOLDS, holder=HOLDERS, seats=CARTS, longer=DURATIONS, changes_ago=st.integers(0, 4))
    def claim(
        self, hold: HoldId, holder: str, seats: tuple[int, ...], longer: int, changes_ago: int
    ) -> None:
        since, later = self.changed(changes_ago)
        one = self.book.holds.get(hold)
        until_ms = longer + (one.expires_ms if one else self.now_ms())
        said = self.run(
            self.store.claim(
                event=self.event,
                hold=hold,
                holder=holder,
                seats=list(seats),
                until_ms=until_ms,
                since=since,
            )
        )
        claimed = LiveHold(holder, "", seats, b"", until_ms, until_ms, extended=True)
        self.book, expected = holding.claim(self.book, hold, claimed, later, said.now_ms)
        assert said == expected

    def changed(self, changes_ago: int) -> tuple[int, frozenset[int]]:
        """A version some changes ago, and the seats that have changed since."""
        since = max(self.start, self.book.version - changes_ago)
        told = self.run(self.store.changes(event=self.event, since=since, entries_max=100))
        changed = [parts for change in told.changes for parts in change.parts]
        return since, frozenset(seat for _, some in changed for seat in some)

    def now_ms(self) -> int:
        return int(self.run(self.store.snapshot(event=self.event, known=0)).now_ms)

    @rule()
    def sweep(self) -> None:
        said = self.run(self.store.sweep(event=self.event, holds_max=100))
        self.book, expected = holding.sweep(self.book, said.published, said.now_ms)
        assert said == expected

    @rule()
    def wait(self) -> None:
        self.run(self._until_the_next_runs_out())

    async def _until_the_next_runs_out(self) -> None:
        until_ms = min((one.expires_ms for one in self.book.holds.values()), default=0)
        while True:
            found = await self.store.snapshot(event=self.event, known=0)
            # The long holds are not waited for.
            if not 0 < until_ms - found.now_ms < 1000:
                return
            await asyncio.sleep(0.001)

    @invariant()
    def the_seats_are_the_same(self) -> None:
        found = self.run(self.store.snapshot(event=self.event, known=0))
        assert found.version == self.book.version
        shown = enumerate(unpack_states(found.bits, SEATS))
        assert {seat: state for seat, state in shown if state} == self.book.states

    def teardown(self) -> None:
        _, owners, holds, buyers, expiries, _, _ = keys_of(self.event)
        read = self.valkey.command
        assert {
            int(seat): hold.decode() for seat, hold in self.run(read("HGETALL", owners)).items()
        } == self.book.owners
        assert {hold.decode() for hold in self.run(read("HKEYS", holds))} == set(self.book.holds)
        ending = self.run(read("ZRANGE", expiries, "0", "-1"))
        assert {hold.decode() for hold in ending} == set(self.book.holds)
        for hold, one in self.book.holds.items():
            assert self.run(read("ZSCORE", expiries, hold)) == one.expires_ms
        listed = b" ".join(self.run(read("HGETALL", buyers)).values()).decode()
        for hold, one in self.book.holds.items():
            assert not one.group or f"{hold}={len(one.seats)}" in listed.split()
        self._replay()

    def _replay(self) -> None:
        told = self.run(self.store.changes(event=self.event, since=self.start, entries_max=10_000))
        assert told.complete
        assert [c.version for c in told.changes] == [*range(self.start + 1, self.book.version + 1)]
        states: dict[int, int] = {}
        for change in told.changes:
            for state, seats in change.parts:
                states.update(dict.fromkeys(seats, state))
        assert {seat: state for seat, state in states.items() if state} == self.book.states


async def test_rules_and_functions_agree(server: OwnValkey) -> None:
    Machine.loop = asyncio.get_running_loop()
    Machine.valkey = await Valkey.connect(server.url, name="machine")
    try:
        # The machine is not asynchronous: it thinks in a thread, its calls are made here.
        await asyncio.to_thread(
            run_state_machine_as_test,
            Machine,
            settings=settings(
                max_examples=150,
                stateful_step_count=40,
                deadline=None,
                # Real time passes differently at each repetition: nothing to shrink by.
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        await Machine.valkey.close()
