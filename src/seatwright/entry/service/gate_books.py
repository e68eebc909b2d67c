"""What the organiser reads of the gates, and what the gates are given."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from seatwright.contracts import moving_codes, ticket_codes
from seatwright.contracts.catalog import EventId
from seatwright.entry import store
from seatwright.kit import signing
from seatwright.kit.postgres import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """An event's scans; `refused` by reason, `gates` by name."""

    admitted: int
    offline: int
    refused: Mapping[str, int]
    gates: Mapping[str, int]
    first_at: datetime | None
    last_at: datetime | None


class GateBooks:
    """Counts and keys of events."""

    def __init__(self, database: Database, keys: signing.Keyring) -> None:
        self._database = database
        self._keys = keys

    async def attendance(self, event: EventId) -> Counted:
        """All scans of the event so far."""
        refused: Counter[str] = Counter()
        gates: Counter[str] = Counter()
        offline = 0
        times: list[datetime] = []
        for count in await store.attendance(self._database, event):
            if count.result == "refused":
                refused[count.reason or ""] += count.scans
                continue
            gates[count.gate] += count.scans
            offline += count.offline
            times += [count.first_at, count.last_at]
        return Counted(
            admitted=gates.total(),
            offline=offline,
            refused=refused,
            gates=gates,
            first_at=min(times, default=None),
            last_at=max(times, default=None),
        )

    def moving_key(self, event: EventId) -> str:
        """The key that a gate makes the seeds of moving codes from, in base64url."""
        return signing.b64(moving_codes.event_key(self._keys, event))

    def public_keys(self, event: EventId) -> dict[int, str]:
        """The event's public keys by key id, in base64url."""
        return {
            key_id: signing.b64(
                signing.public_bytes(
                    self._keys.ed25519(ticket_codes.purpose(event, key_id)).public_key()
                )
            )
            for key_id in sorted(ticket_codes.KEY_IDS)
        }
