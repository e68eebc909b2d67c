"""When an attempt whose outcome is not known is looked at again."""

from datetime import timedelta

from seatwright.orders.domain.order import (
    ABSENT_IS_FINAL_AFTER,
    CHALLENGE_FIRST_LOOK,
    DOUBT_FIRST_LOOK,
    PAYMENT_DURATION,
    AttemptState,
)

# A buyer reads a bank's page for a minute or gives up; the webhook and the buyer's own return
# hasten the look, so this is only for those who never come back.
CHALLENGE_REST_MAX = timedelta(minutes=5)
# A gateway that is away for an hour must not find all of it asked every second when it is back.
DOUBT_REST_MAX = timedelta(minutes=10)
_A_MOMENT = timedelta(seconds=1)
_DOUBLINGS_MAX = 12


def rest_after(state: AttemptState, looks: int, *, age: timedelta, silence: timedelta) -> timedelta:
    """
    How long to rest after the `looks`-th look (from 1) that ended without an outcome.

    `age` is the time since the attempt began, `silence` that since its gateway says it knows
    nothing of it: neither the end of the time to pay nor the moment from which absent is final is
    slept through.
    """
    first, most = DOUBT_FIRST_LOOK, DOUBT_REST_MAX
    if state == "challenge":
        first, most = CHALLENGE_FIRST_LOOK, CHALLENGE_REST_MAX
        if age < PAYMENT_DURATION:
            most = min(most, PAYMENT_DURATION - age + _A_MOMENT)
    elif silence < ABSENT_IS_FINAL_AFTER:
        most = ABSENT_IS_FINAL_AFTER - silence
    return rest_between(first, most, looks)


def rest_between(first: timedelta, most: timedelta, looks: int) -> timedelta:
    """`first`, doubled with every look (from 1), up to `most`."""
    return min(most, first * (1 << min(looks, _DOUBLINGS_MAX)))
