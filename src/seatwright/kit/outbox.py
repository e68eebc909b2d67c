"""
The outbox: a message is written in the transaction of the fact it tells.

The relay leases rows, publishes them with their id for de-duplication, then deletes them. No
network call happens inside a transaction, and no reader remembers a "last id": rows that
commit late are found like all others (`correctness.md` §3.3).
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from seatwright.kit import crash
from seatwright.kit.broker import Broker, Outgoing
from seatwright.kit.postgres import Database
from seatwright.kit.telemetry import gauge

ROWS_AT_ONCE = 500
LEASE = timedelta(seconds=30)
IDLE = timedelta(milliseconds=50)

OUTBOX_OLDEST_SECONDS = gauge("outbox_oldest_seconds", "Age of the oldest row", "service")
_published = crash.declare("after_outbox_publish", "the broker has the messages, the rows stay")

# None of these needs to survive a crash: a lease that is forgotten is taken anew, a row that
# comes back is published again under the same id. So nobody waits for their flush; whoever
# commits next flushes them too. The setting ends with the statement's transaction.
_NO_FLUSH = "set_config('synchronous_commit', 'off', true) IS NOT NULL"
# Leasing touches no indexed column, so the row stays in its page (HOT).
_LEASE = f"""
UPDATE outbox SET leased_until = clock_timestamp() + $2::interval
WHERE id IN (
    SELECT id FROM outbox
    WHERE leased_until IS NULL OR leased_until < clock_timestamp()
    ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
) AND {_NO_FLUSH}
RETURNING id, subject, message_id, payload
"""
_DELETE = f"DELETE FROM outbox WHERE id = ANY($1::bigint[]) AND {_NO_FLUSH}"
_RETURN = f"UPDATE outbox SET leased_until = NULL WHERE id = ANY($1::bigint[]) AND {_NO_FLUSH}"
_AGE = "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0) FROM outbox"


class Relay:
    """Moves a service's outbox to the broker; any number may run beside each other."""

    def __init__(self, database: Database, broker: Broker, service: str) -> None:
        self._database = database
        self._broker = broker
        self._age = OUTBOX_OLDEST_SECONDS.labels(service)
        self._steps = 0

    async def step(self) -> timedelta | None:
        """Move one batch; answers how long to rest before the next."""
        await self._measure()
        rows = await self._database.atomically(_LEASE, ROWS_AT_ONCE, LEASE)
        if not rows:
            return IDLE
        # An UPDATE returns rows as it found them; the oldest go first.
        rows.sort(key=lambda row: int(row["id"]))
        messages = [Outgoing(row["subject"], row["message_id"], row["payload"]) for row in rows]
        durable = await self._broker.publish(messages)
        _published()
        await self._settle([row["id"] for row in rows], durable)
        if not all(durable):
            return timedelta(seconds=1)
        return timedelta(0) if len(rows) == ROWS_AT_ONCE else IDLE

    async def _settle(self, row_ids: Sequence[int], durable: Sequence[bool]) -> None:
        done = [row for row, ok in zip(row_ids, durable, strict=True) if ok]
        again = [row for row, ok in zip(row_ids, durable, strict=True) if not ok]
        if done:
            await self._database.atomically(_DELETE, done)
        if again:
            await self._database.atomically(_RETURN, again)

    async def _measure(self) -> None:
        self._steps += 1
        if self._steps % 50 == 1:
            async with self._database.reading() as reader:
                self._age.set(await reader.value(_AGE))
        await asyncio.sleep(0)
