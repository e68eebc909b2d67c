"""Lists and the open ledger, assembled from the bytes payments are kept in."""

from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from seatwright.kit import errors
from seatwright.simulators.gateway.ledger import Ledger
from seatwright.simulators.web import Reply

_PAGE_DEFAULT = 100
_PAYMENTS_PAGE_MAX = 1_000
# The checker reads hundreds of thousands; 10,000 of about 700 bytes are 7 MB an answer.
LEDGER_PAGE_MAX = 10_000

Query = dict[str, list[str]]


class _Amounts(msgspec.Struct):
    """The fields of a payment that sums are made of."""

    status: str
    amount: int
    amount_captured: int
    amount_refunded: int


_amounts = msgspec.json.Decoder(_Amounts)


def payments(ledger: Ledger, query: Query) -> Reply:
    """`?reference=` or `?since=&before=&limit=&cursor=`. Raises `Invalid`."""
    if reference := _first(query, "reference"):
        return _items(ledger.with_reference(reference), "null")
    return _page(ledger, query, _PAYMENTS_PAGE_MAX)


def open_ledger(ledger: Ledger, query: Query) -> Reply:
    """`?order=` with its sums, or all of it in pages. Raises `Invalid`."""
    order = _first(query, "order")
    if not order:
        return _page(ledger, query, LEDGER_PAGE_MAX)
    found = ledger.of_order(order)
    totals = {"authorised": 0, "captured": 0, "refunded": 0, "voided": 0}
    for shown in found:
        payment = _amounts.decode(shown)
        totals["captured"] += payment.amount_captured
        totals["refunded"] += payment.amount_refunded
        if payment.status in {"authorised", "voided"}:
            totals[payment.status] += payment.amount
    body = b'{"order":%b,"totals":%b,"payments":[%b]}' % (
        msgspec.json.encode(order),
        msgspec.json.encode(totals),
        b",".join(found),
    )
    return Reply(200, body)


def _page(ledger: Ledger, query: Query, limit_max: int) -> Reply:
    limit = _whole(query, "limit", _PAGE_DEFAULT)
    if not 1 <= limit <= limit_max:
        raise errors.invalid("limit", "limit", f"From 1 to {limit_max}.")
    start = _whole(query, "cursor", 0)
    if since := _first(query, "since"):
        start = max(start, ledger.first_since(_instant(since, "since")))
    end = len(ledger)
    if before := _first(query, "before"):
        end = ledger.first_since(_instant(before, "before"))
    after = min(start + limit, end)
    more = f'"{after}"' if after < end else "null"
    return _items(ledger.page(start, max(0, after - start)), more)


def _items(items: Iterable[bytes], after: str) -> Reply:
    body = b'{"items":[%b],"next":%b}' % (b",".join(items), after.encode())
    return Reply(200, body)


def _first(query: Query, name: str) -> str:
    return query.get(name, [""])[0]


def _whole(query: Query, name: str, default: int) -> int:
    text = _first(query, name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 12):  # noqa: PLR2004  # < 10^12
        raise errors.invalid(name, "number", "A whole number.")
    return int(text)


def _instant(text: str, name: str) -> datetime:
    try:
        # Unix seconds are what many gateways take; RFC 3339 is what ours writes.
        found = (
            datetime.fromtimestamp(int(text), UTC)
            if text.isdigit()
            else datetime.fromisoformat(text)
        )
    except (ValueError, OverflowError, OSError) as error:
        raise errors.invalid(name, "instant", "RFC 3339 or Unix seconds.") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
