"""Lists a page at a time, behind opaque signed cursors."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

from seatwright.kit import limits, signing
from seatwright.kit.errors import invalid

_PURPOSE = "cursor/1"


class Named(Protocol):
    """What is listed in the order of its ids."""

    @property
    def id(self) -> str:
        """Its place in the list."""
        ...


Row = TypeVar("Row", bound=Named)


class _Cursor(msgspec.Struct, array_like=True):
    listing: str
    after: tuple[Any, ...]


def limit(asked: int) -> int:
    """The page size, from 1 to 100; raises `Invalid`."""
    if not 1 <= asked <= limits.PAGE_ITEMS_MAX:
        raise invalid("?limit", "range", f"Between 1 and {limits.PAGE_ITEMS_MAX}.")
    return asked


def cursor(keys: signing.Keyring, listing: str, after: tuple[Any, ...]) -> str:
    """A cursor behind the last item of a page; good for this `listing` (route and filters)."""
    return signing.seal(keys.key(_PURPOSE), _Cursor(listing, after))


def after(keys: signing.Keyring, listing: str, text: str | None) -> tuple[Any, ...] | None:
    """Where the next page begins; raises `Invalid` for a cursor of another listing."""
    if text is None:
        return None
    try:
        found = signing.unseal(keys.key(_PURPOSE), text, _Cursor)
    except signing.BadToken:
        found = None
    if found is None or found.listing != listing:
        raise invalid("?cursor", "invalid", "Use the cursor of the page before, unchanged.")
    return found.after


async def page_by_id(
    keys: signing.Keyring,
    listing: str,
    asked: tuple[int, str | None],
    read: Callable[[str | None, int], Awaitable[Sequence[Row]]],
) -> tuple[Sequence[Row], str | None]:
    """
    A page of what `read(after, at_most)` lists by id, and the cursor of the next one, if any.

    `asked` is the request's `limit` and `cursor`. Raises `Invalid`.
    """
    size, behind = limit(asked[0]), after(keys, listing, asked[1])
    rows = await read(None if behind is None else str(behind[0]), size + 1)
    if len(rows) <= size:
        return rows, None
    return rows[:size], cursor(keys, listing, (rows[size - 1].id,))
