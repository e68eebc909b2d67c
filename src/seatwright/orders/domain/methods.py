"""The ways to pay, checked before anything is claimed for them."""

from seatwright.contracts.payments import METHODS
from seatwright.kit.errors import invalid


def checked_method(method: str, pointer: str) -> str:
    """The method itself; raises `Invalid` for one that does not exist."""
    if method not in METHODS:
        raise invalid(pointer, "method_not_offered", f"One of: {', '.join(sorted(METHODS))}.")
    return method
