from datetime import timedelta
from typing import Any

import pytest

from seatwright.catalog.domain.states import NotNow, after, status
from tests.unit.catalog.an_event import NOW

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("state", "step", "following"),
    [
        ("draft", "publish", "published"),
        ("published", "publish", "published"),
        ("paused", "publish", "paused"),
        ("published", "pause", "paused"),
        ("paused", "resume", "published"),
        ("paused", "cancel", "cancelled"),
        ("published", "cancel", "cancelled"),
        ("cancelled", "cancel", "cancelled"),
    ],
)
def test_steps(state: Any, step: Any, following: str) -> None:
    assert after(state, step) == following


@pytest.mark.parametrize(
    ("state", "step"),
    [
        ("draft", "pause"),
        ("draft", "cancel"),
        ("draft", "resume"),
        ("cancelled", "publish"),
        ("cancelled", "resume"),
        ("cancelled", "pause"),
    ],
)
def test_steps_that_lead_nowhere(state: Any, step: Any) -> None:
    with pytest.raises(NotNow):
        after(state, step)


@pytest.mark.parametrize(
    ("state", "on_sale", "off_sale", "ends", "told"),
    [
        ("published", -1, 1, 2, "on_sale"),
        ("published", 0, 1, 2, "on_sale"),  # the very instant counts
        ("published", 1, 2, 3, "scheduled"),
        ("published", -2, 0, 1, "ended"),
        ("published", -3, -1, 1, "ended"),
        ("published", -3, 1, -1, "ended"),
        ("paused", -1, 1, 2, "paused"),
        ("paused", 1, 2, 3, "paused"),
        ("paused", -3, -2, -1, "ended"),
        ("cancelled", -1, 1, 2, "cancelled"),
        ("cancelled", -3, -2, -1, "cancelled"),
    ],
)
def test_what_a_buyer_is_told(
    state: str, on_sale: int, off_sale: int, ends: int, told: str
) -> None:
    found = status(
        state=state,
        on_sale_at=NOW + on_sale * HOUR,
        off_sale_at=NOW + off_sale * HOUR,
        ends_at=NOW + ends * HOUR,
        now=NOW,
    )
    assert found == told
