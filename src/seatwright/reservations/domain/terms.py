"""How long a hold lasts and how much may be held: the numbers, each with its reason."""

from dataclasses import dataclass
from datetime import timedelta

# Long enough to choose attendees and read the terms on a phone, short enough that seats come
# back while the sale is hot (seats.io's default is 15 minutes, airlines hold for 10).
HOLD_DURATION = timedelta(minutes=8)
# Once, when payment begins: a bank's challenge takes up to five minutes.
HOLD_EXTENSION = timedelta(minutes=7)
# However often somebody comes back: beyond this the seats are hoarded, not bought.
HOLD_DURATION_MAX = timedelta(minutes=20)
# A claim without an end (payment in doubt) as a hold: orders says `sold` or `freed` long before,
# and the comparison with orders renews it.
PINNED_CLAIM_DURATION = timedelta(days=1)

# A client's own hold id is the bearer secret of the hold: a UUID has 36 characters, 120 random
# bits in base64url have 20.
HOLD_ID_PATTERN = "^[A-Za-z0-9_-]{20,64}$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """
    The durations in milliseconds, as Valkey counts; tests take shorter ones.

    `guest_seats_max` is how many seats of an event guests of one address may hold at once; 0: any.
    """

    duration_ms: int = int(HOLD_DURATION.total_seconds() * 1000)
    extension_ms: int = int(HOLD_EXTENSION.total_seconds() * 1000)
    cap_ms: int = int(HOLD_DURATION_MAX.total_seconds() * 1000)
    guest_seats_max: int = 0
