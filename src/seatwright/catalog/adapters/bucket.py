"""
The bucket `events` of JetStream's key-value store: one document per event, newest only.

The truth is the table `documents`; the bucket may be lost. Writing is safe from any number of
processes at once: a document replaces only an older one, compared under the broker's own check
of the key's last revision.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from nats.js import api
from nats.js.errors import KeyNotFoundError, KeyWrongLastSequenceError, NotFoundError
from nats.js.kv import KeyValue

from seatwright.catalog.domain.documents import DOCUMENT_BYTES_MAX
from seatwright.contracts.catalog import EventId
from seatwright.kit import telemetry
from seatwright.kit.broker import FAILURES, Broker
from seatwright.kit.errors import Unavailable
from seatwright.kit.log import log

BUCKET = "events"
STREAM = f"KV_{BUCKET}"
SUBJECTS = f"$KV.{BUCKET}."
# Each loss means that another process wrote this very key in between; it cannot go on for long.
_TRIES_MAX = 8


class _Version(msgspec.Struct):
    version: int


@dataclass(frozen=True, slots=True)
class Extent:
    """
    What the bucket's stream holds now.

    `created` tells one incarnation of the bucket from the next; `last` is the newest sequence,
    0 when nothing is to be read; `keys` counts messages, which are keys while history is one.
    """

    created: datetime
    last: int
    keys: int


class Bucket:
    """Writes documents, and tells how far the bucket goes."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker

    async def extent(self) -> Extent:
        """Make the bucket if it is not there, then say what it holds; raises `Unavailable`."""
        try:
            try:
                found = await self.broker.stream.stream_info(STREAM)
            except NotFoundError:
                await self._create()
                found = await self.broker.stream.stream_info(STREAM)
        except FAILURES as fault:
            raise Unavailable("The document store does not answer.") from fault
        assert found.created is not None, "every stream has a birthday"
        last = found.state.last_seq if found.state.messages else 0
        return Extent(found.created, last, found.state.messages)

    async def _create(self) -> None:
        config = api.KeyValueConfig(
            bucket=BUCKET,
            history=1,
            storage=api.StorageType.FILE,
            max_value_size=DOCUMENT_BYTES_MAX,
            direct=False,  # a read that decides about a write must come from the leader
        )
        await self.broker.stream.create_key_value(config)
        log.info("document_bucket_created", bucket=BUCKET)

    async def put(self, event: EventId, version: int, raw: bytes) -> None:
        """
        Let the bucket hold this version or a later one; raises `Unavailable`.

        Degraded answer: the table keeps the document, and the reconciler brings it here later.
        """
        try:
            await self._put(event, version, raw)
        except FAILURES as fault:
            telemetry.DEGRADED.labels("document_store").inc()
            raise Unavailable("The document store does not answer.") from fault

    async def _put(self, event: EventId, version: int, raw: bytes) -> None:
        store = await self._store()
        for _ in range(_TRIES_MAX):
            revision, held = await _held(store, event)
            if held >= version:
                return
            try:
                await store.update(event, raw, last=revision)
            except KeyWrongLastSequenceError:
                continue
            return
        raise Unavailable("Too many processes write the same document.")

    async def _store(self) -> KeyValue:
        try:
            return await self.broker.stream.key_value(BUCKET)
        except NotFoundError:
            await self._create()
            return await self.broker.stream.key_value(BUCKET)


async def _held(store: KeyValue, event: EventId) -> tuple[int, int]:
    # (revision to replace, version that stands there); a deleted key has a revision as well.
    try:
        entry = await store.get(event)
    except KeyNotFoundError as absent:
        gone = absent.entry
        return (gone.revision or 0 if gone is not None else 0), 0
    try:
        held = msgspec.json.decode(entry.value or b"", type=_Version).version
    except msgspec.DecodeError:
        held = 0  # not a document of ours: whatever it is, ours is better
    return entry.revision or 0, held
