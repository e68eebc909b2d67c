"""How many requests of a kind one place may send."""

from datetime import timedelta
from typing import Any

from litestar import Request

from seatwright.kit.rates import OwnBuckets, Rate
from seatwright.kit.web import client


class Doorkeeper:
    """
    How often one address, and one account, may ask for one kind of thing.

    Two independent buckets of the same size: so many at once, and as many again each minute.
    Each process counts for itself: that costs no round trip on the buyers' way, and lets an
    address have the limit once in every process that serves it.
    """

    def __init__(self, bucket: str, *, per_minute: int) -> None:
        rate = Rate(burst=per_minute, each=timedelta(minutes=1) / per_minute)
        self._by_address = OwnBuckets(f"{bucket}-ip", rate)
        self._by_account = OwnBuckets(f"{bucket}-account", rate)

    def let_in(self, request: Request[Any, Any, Any]) -> None:
        """Count a request for the address it came from; raises `RateLimited`."""
        self._by_address.take(client.address(request))

    def recognise(self, principal: str | None) -> None:
        """Count a request for its account, if it has one; raises `RateLimited`."""
        if principal is not None:
            self._by_account.take(principal)
