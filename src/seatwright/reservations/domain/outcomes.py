"""What is asked of the seats of an event, and what may come of it."""

from typing import NamedTuple

from seatwright.contracts.catalog import ChartHash
from seatwright.contracts.reservations import HoldId


class RebuildNeeded(Exception):  # noqa: N818  # a state of the store, answered by a rebuild
    """The store does not know the event (any more): it must be filled from orders first."""


class Wish(NamedTuple):
    """
    Seats somebody wants, all or none.

    `group` is whose limit counts (`seats_max` over all of the group's holds; empty: no limit
    beyond this hold). `fresh` says that the id is new and nobody can have used it. `note` is
    kept with the hold and given back unread.
    """

    hold: HoldId
    holder: str
    group: str
    seats: tuple[int, ...]
    seats_max: int
    duration_ms: int
    cap_ms: int
    fresh: bool
    note: bytes = b""


class Held(NamedTuple):
    """All seats are the hold's until `expires_ms`, exclusive; the change has this version."""

    now_ms: int
    expires_ms: int
    version: int


class Known(NamedTuple):
    """
    The hold as it is stored; it has run out when `expires_ms` <= `now_ms`.

    Whether the caller may see it is the caller's to judge by `holder`.
    """

    now_ms: int
    expires_ms: int
    cap_ms: int
    extended: bool
    holder: str
    group: str
    seats: tuple[int, ...]
    note: bytes


class Taken(NamedTuple):
    """These of the seats are another's, sold or not for sale; nothing was taken."""

    now_ms: int
    seats: tuple[int, ...]


class OverLimit(NamedTuple):
    """The group has `seats` seats in live holds already, and may not have so many more."""

    now_ms: int
    seats: int


class OtherChart(NamedTuple):
    """The event's seats are counted by another chart version."""


class NoSuchSeat(NamedTuple):
    """This seat is not one of the event's."""

    now_ms: int
    seat: int


class Absent(NamedTuple):
    """No such hold."""

    now_ms: int


class Foreign(NamedTuple):
    """The hold is another holder's."""

    now_ms: int


class Expired(NamedTuple):
    """The hold has run out."""

    now_ms: int


class Kept(NamedTuple):
    """The hold lasts at least as long as asked."""

    now_ms: int


class Released(NamedTuple):
    """The hold has ended; the seats it still had are free as of this version."""

    now_ms: int
    version: int


class Marked(NamedTuple):
    """
    `seats` of them have changed their state; the version is raised when any has.

    `sold` were to be freed and are shown as sold: only orders can say whether they still are.
    """

    now_ms: int
    version: int
    seats: int
    sold: tuple[int, ...]


class Swept(NamedTuple):
    """
    `seats` freed of holds that had run out; `next_ms` is when the next hold ends (0: none).

    `published` is the last version that watchers were told of.
    """

    now_ms: int
    version: int
    published: int
    seats: int
    next_ms: int


class Snapshot(NamedTuple):
    """All seats at one version; `bits` is None when the caller has this version."""

    now_ms: int
    version: int
    epoch: str
    seat_count: int
    chart: ChartHash
    bits: bytes | None


class Change(NamedTuple):
    """What one raise of the version did: (state, seats that took it), in order; maybe nothing."""

    version: int
    parts: tuple[tuple[int, tuple[int, ...]], ...]


class Changes(NamedTuple):
    """
    Changes in order, as far as they were asked for.

    `complete` says that nothing is missing between the version asked for and the first one;
    `version` is the event's own, which may be further than the last change here.
    """

    now_ms: int
    version: int
    epoch: str
    changes: tuple[Change, ...]
    complete: bool


class Draining(NamedTuple):
    """The caller is the event's publisher; `changes` come after `published`."""

    now_ms: int
    version: int
    published: int
    epoch: str
    changes: tuple[Change, ...]


class Waiting(NamedTuple):
    """Another publisher has the lease until `lease_ms`."""

    now_ms: int
    version: int
    published: int
    epoch: str
    lease_ms: int


class ClaimedSeats(NamedTuple):
    """A live claim as a hold, for filling."""

    hold: HoldId
    holder: str
    group: str
    seats: tuple[int, ...]
    until_ms: int


class Filling(NamedTuple):
    """
    Everything of an event, from orders; in `bits` the seats of the claims are held.

    `document` is the version of the catalogue's document that names the chart.
    """

    epoch: str
    seat_count: int
    chart: ChartHash
    document: int
    bits: bytes
    claims: tuple[ClaimedSeats, ...]


class Filled(NamedTuple):
    """The epoch that is there now: the caller's, or an earlier one that was left as it was."""

    now_ms: int
    version: int
    epoch: str


HoldOutcome = Held | Known | Taken | OverLimit | OtherChart | NoSuchSeat
ExtendOutcome = Known | Absent | Foreign | Expired
ReleaseOutcome = Released | Absent | Foreign
