"""Order codes as people write them, and the secret that opens an order."""

from seatwright.contracts.orders import OrderCode, OrderId
from seatwright.kit.ids import ORDER_ALPHABET, ORDER_CODE_CHARS
from seatwright.kit.signing import Keyring

_SECRET_PURPOSE = "order-secret/1"  # noqa: S105  # the name of a key
_ALPHABET = frozenset(ORDER_ALPHABET)
_GROUP = 3
_TYPED_CHARS_MAX = 32


def shown(code: OrderCode) -> str:
    """`KX7QM39PA` as `KX7-QM3-9PA`."""
    return "-".join(code[n : n + _GROUP] for n in range(0, ORDER_CODE_CHARS, _GROUP))


def typed(text: str) -> OrderCode | None:
    """The code in what somebody typed: dashes, spaces and case are ignored."""
    if len(text) > _TYPED_CHARS_MAX:
        return None
    plain = text.replace("-", "").replace(" ", "").upper()
    if len(plain) != ORDER_CODE_CHARS or not _ALPHABET.issuperset(plain):
        return None
    return OrderCode(plain)


def secret(keys: Keyring, order: OrderId) -> str:
    """The bearer secret of an order; derived, so it is stored nowhere."""
    return keys.mac(_SECRET_PURPOSE, order)


def opens(keys: Keyring, order: OrderId, given: str | None) -> bool:
    """Whether `given` is the order's secret; in constant time."""
    return given is not None and keys.mac_matches(_SECRET_PURPOSE, order, given)
