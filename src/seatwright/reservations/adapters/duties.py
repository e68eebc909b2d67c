"""Which process does what for all, and which events have seats: keys outside the events' slots."""

from seatwright.contracts.catalog import EventId
from seatwright.kit.valkey import Valkey

EVENTS = "seatwright:events"


class ValkeyDuties:
    """
    `Duties` in Valkey.

    A lease is no lock: a process that was paused may believe in one that ended. Whatever is done
    under it must be harmless when done twice.
    """

    def __init__(self, valkey: Valkey, *, process: str) -> None:
        self._valkey = valkey
        self._process = process

    async def mine(self, *, duty: str, lease_ms: int) -> bool:
        """See `Duties`."""
        key, until = _key(duty), ("PX", str(lease_ms))
        renewed = await self._valkey.command(
            "SET", key, self._process, "IFEQ", self._process, *until
        )
        if renewed is not None:
            return True
        return await self._valkey.command("SET", key, self._process, "NX", *until) is not None

    async def give_back(self, *, duty: str) -> None:
        """See `Duties`."""
        await self._valkey.command("DELIFEQ", _key(duty), self._process)

    async def note(self, *, event: EventId) -> None:
        """See `Duties`."""
        await self._valkey.command("SADD", EVENTS, event)

    async def forget(self, *, event: EventId) -> None:
        """See `Duties`."""
        await self._valkey.command("SREM", EVENTS, event)

    async def events(self) -> list[EventId]:
        """See `Duties`."""
        found = await self._valkey.command("SMEMBERS", EVENTS)
        return sorted(EventId(event.decode()) for event in found)


def _key(duty: str) -> str:
    return f"seatwright:duty:{duty}"
