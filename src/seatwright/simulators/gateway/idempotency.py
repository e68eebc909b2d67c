"""The first answer again for a key that was used before; one request a key at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

from seatwright.kit import errors
from seatwright.simulators.gateway.ledger import Fact, Ledger

KEY_CHARS_MAX = 255


class InProgress(errors.Conflict):
    """Another request with this key is being worked on; nothing was done for this one."""

    code = "in_progress"


class Mismatch(errors.Conflict):
    """The key was used before, with another body or for another address."""

    code = "idempotency_mismatch"


def fingerprint(path: str, body: bytes) -> str:
    """What makes two requests the same one."""
    return blake2b(path.encode() + b"\n" + body, digest_size=16).hexdigest()


class Keys:
    """The keys being worked on; finished ones are in the ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._in_flight: set[str] = set()

    @contextmanager
    def held(self, key: str, request_fingerprint: str) -> Iterator[Fact | None]:
        """
        Nobody else works on `key` inside; an empty key is nobody's. Yields the earlier
        answer if there is one. Raises `InProgress` or `Mismatch`.
        """
        if not key:
            yield None
            return
        if len(key) > KEY_CHARS_MAX:
            raise errors.invalid(
                "Idempotency-Key", "length", f"At most {KEY_CHARS_MAX} characters."
            )
        if key in self._in_flight:
            raise InProgress("A request with this key is being worked on.")
        earlier = self._ledger.answer_for(key)
        if earlier is not None and earlier.fingerprint != request_fingerprint:
            raise Mismatch("This key was used for another request.")
        self._in_flight.add(key)
        try:
            yield earlier
        finally:
            self._in_flight.discard(key)
