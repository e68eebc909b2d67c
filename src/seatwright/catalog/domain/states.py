"""An event's way from draft to its end, and the word a buyer is shown for where it is."""

from datetime import datetime
from typing import Literal

from seatwright.kit.errors import Conflict

State = Literal["draft", "published", "paused", "cancelled"]
Status = Literal["on_sale", "scheduled", "cancelled", "ended", "paused"]
Step = Literal["publish", "pause", "resume", "cancel"]

_NEXT: dict[tuple[State, Step], State] = {
    ("draft", "publish"): "published",
    ("published", "publish"): "published",
    # An edit of a paused event is shown, and does not start its sale again.
    ("paused", "publish"): "paused",
    ("published", "pause"): "paused",
    ("paused", "pause"): "paused",
    ("published", "resume"): "published",
    ("paused", "resume"): "published",
    ("published", "cancel"): "cancelled",
    ("paused", "cancel"): "cancelled",
    ("cancelled", "cancel"): "cancelled",
}


class NotNow(Conflict):
    """The event's present state does not allow this."""

    code = "wrong_state"
    title = "Not in this state"


def after(state: State, step: Step) -> State:
    """The state that follows; raises `NotNow` when nothing does."""
    following = _NEXT.get((state, step))
    if following is None:
        raise NotNow(f"An event that is {state} cannot be asked to {step}.", state=state)
    return following


def status(
    *, state: str, on_sale_at: datetime, off_sale_at: datetime, ends_at: datetime, now: datetime
) -> Status:
    """What a buyer is told about the sale at `now`; `ended` once nothing more is sold."""
    if state == "cancelled":
        return "cancelled"
    if now >= min(off_sale_at, ends_at):
        return "ended"
    if state == "paused":
        return "paused"
    return "scheduled" if now < on_sale_at else "on_sale"
