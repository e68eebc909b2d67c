"""Live changes to watching browsers: core NATS, which forgets; a gap makes them ask."""

from seatwright.contracts.catalog import EventId
from seatwright.kit import telemetry
from seatwright.kit.broker import FAILURES, Broker

_FLUSH_S = 1


class NatsFeed:
    """`Feed` over one connection."""

    def __init__(self, broker: Broker) -> None:
        self._client = broker.client

    async def publish(self, *, messages: list[tuple[EventId, bytes]]) -> bool:
        """
        See `Feed`.

        Degraded answer: nothing is marked as published and it is tried again; browsers that see
        no news poll for changes, which do not come this way.
        """
        if not self._client.is_connected:
            telemetry.DEGRADED.labels("feed").inc()
            return False
        try:
            for event, message in messages:
                await self._client.publish(f"seats.{event}", message)
            await self._client.flush(timeout=_FLUSH_S)
        except FAILURES:
            telemetry.DEGRADED.labels("feed").inc()
            return False
        return True
