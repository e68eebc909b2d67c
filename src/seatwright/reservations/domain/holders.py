"""Who a hold belongs to, whose limit it counts for, and how it is called outside."""

import re

from seatwright.contracts.catalog import EventId
from seatwright.contracts.reservations import HoldId
from seatwright.kit.signing import Keyring
from seatwright.reservations.domain.terms import HOLD_ID_PATTERN

_GUEST = "hold:"
_ADDRESS = "address:"
_ADDRESS_PURPOSE = "guests-address/1"
_HOLD_ID = re.compile(HOLD_ID_PATTERN)
_EVENT_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")


def guest(hold: HoldId) -> str:
    """The principal of whoever knows the hold's id and is nobody else."""
    return _GUEST + hold


def buyer_group(holder: str) -> str:
    """The principal whose live holds are counted together; empty for a guest, who has but one."""
    return "" if holder.startswith(_GUEST) else holder


def address_group(keys: Keyring, event: EventId, address: str) -> str:
    """The guests of one address, whose live holds of the event are counted together."""
    # Nobody who reads Valkey learns an address, or that two events had the same guest.
    return _ADDRESS + keys.mac(_ADDRESS_PURPOSE, f"{event}\n{address}")


def is_hold_id(text: str) -> bool:
    """Whether it may be a hold's id, to the last character: `$` alone lets a line break pass."""
    return _HOLD_ID.fullmatch(text) is not None


def public_id(event: EventId, hold: HoldId) -> str:
    """The id in the API: it says which event to ask, so that no directory is needed."""
    return f"{event}.{hold}"


def read_public_id(text: str) -> tuple[EventId, HoldId] | None:
    """Event and hold of an id in the API; None for any other text."""
    event, dot, hold = text.partition(".")
    if not dot or not _EVENT_ID.fullmatch(event) or not is_hold_id(hold):
        return None
    return EventId(event), HoldId(hold)
