"""Instants are aware, and written as the API writes them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from seatwright.kit import clock


def test_the_clocks_agree_with_each_other():
    before = clock.unix_ms()
    now = clock.now()
    after = clock.unix_ms()
    assert before <= now.timestamp() * 1000 + 1
    assert int(now.timestamp() * 1000) <= after
    assert now.tzinfo is UTC
    assert clock.monotonic() <= clock.monotonic()


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2026, 11, 23, 20, 15, 0, 123_999, UTC), "2026-11-23T20:15:00.123Z"),
        (datetime(2026, 1, 2, 3, 4, 5, 0, UTC), "2026-01-02T03:04:05.000Z"),
        (
            datetime(2026, 6, 1, 0, 30, tzinfo=timezone(timedelta(hours=2))),
            "2026-05-31T22:30:00.000Z",
        ),
    ],
)
def test_an_instant_is_written_in_utc_with_milliseconds(instant, text):
    assert clock.rfc3339(instant) == text
