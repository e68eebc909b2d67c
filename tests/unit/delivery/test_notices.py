"""What buyers must hear of, found by comparing what is with what was told."""

import dataclasses
from datetime import timedelta

import pytest

from seatwright.contracts.orders import OrderId
from seatwright.delivery.domain import notices
from seatwright.delivery.domain.notices import Due, Notice, Told
from tests.fakes.sold import STARTS, an_event

EVENT = an_event()
TOLD = notices.known_now(EVENT)
LONG_BEFORE = STARTS - timedelta(days=30)
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)


def later(**changes: object) -> Told:
    return dataclasses.replace(TOLD, document_version=TOLD.document_version + 2, **changes)  # type: ignore[arg-type]


def kinds(due: list[Due]) -> list[str]:
    return [one.kind for one in due]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"starts_at": STARTS + DAY}, "moved"),
        ({"starts_at": STARTS + DAY, "place": "elsewhere"}, "moved"),
        ({"doors_at": None}, "changed"),
        ({"place": "elsewhere"}, "changed"),
        ({"state": "cancelled"}, "cancelled"),
        ({"state": "cancelled", "starts_at": STARTS + DAY}, "cancelled"),
        ({"state": "paused"}, None),
        ({"ends_at": STARTS + 9 * DAY}, None),
        ({}, None),
    ],
)
def test_one_change_is_one_kind_of_news(changes: dict[str, object], kind: str | None) -> None:
    found = notices.due(TOLD, later(**changes), LONG_BEFORE)
    assert kinds(found) == ([kind] if kind else [])


def test_what_is_seen_for_the_first_time_is_no_news_and_an_old_document_neither() -> None:
    assert notices.due(None, later(starts_at=STARTS + DAY), LONG_BEFORE) == []
    older = dataclasses.replace(TOLD, document_version=1, starts_at=STARTS + DAY)
    assert notices.due(TOLD, older, LONG_BEFORE) == []
    gone = dataclasses.replace(TOLD, state="cancelled")
    assert notices.due(gone, later(place="elsewhere"), LONG_BEFORE) == []


def test_a_move_says_when_it_was_to_be() -> None:
    (one,) = notices.due(TOLD, later(starts_at=STARTS + DAY), LONG_BEFORE)
    assert one.values == {"before": STARTS.isoformat()}


@pytest.mark.parametrize(
    ("before_start", "reminded"),
    [(DAY + MOMENT, False), (DAY, True), (MOMENT, True), (timedelta(0), False), (-DAY, False)],
)
def test_a_day_before_is_when_to_remind(before_start: timedelta, reminded: bool) -> None:
    found = notices.due(TOLD, TOLD, STARTS - before_start)
    assert kinds(found) == (["reminder"] if reminded else [])
    gone = dataclasses.replace(TOLD, state="cancelled")
    assert notices.due(gone, gone, STARTS - before_start) == []


def test_whoever_was_reminded_is_reminded_again_of_another_day_only() -> None:
    (first,) = notices.due(TOLD, TOLD, STARTS - DAY)
    (again,) = notices.due(TOLD, TOLD, STARTS - timedelta(hours=2))
    moved = later(starts_at=STARTS + DAY)
    (_, other) = notices.due(TOLD, moved, STARTS)
    assert first.number == again.number != other.number
    # A database column holds it.
    assert other.number < 2**31


def test_news_that_are_none_any_more_are_not_told() -> None:
    def notice(kind: notices.Kind, number: int = 5) -> Notice:
        return Notice(event=EVENT.id, order=OrderId("o"), kind=kind, number=number, values={})

    (reminder,) = notices.due(TOLD, TOLD, STARTS - DAY)
    remind = notice("reminder", reminder.number)
    assert notices.still_due(remind, TOLD, STARTS - MOMENT)
    assert not notices.still_due(remind, TOLD, STARTS)
    assert not notices.still_due(remind, later(starts_at=STARTS + DAY), STARTS - DAY)
    gone = later(state="cancelled")
    for kind in ("reminder", "moved", "changed"):
        assert not notices.still_due(notice(kind, reminder.number), gone, STARTS - DAY)
    assert notices.still_due(notice("cancelled"), gone, STARTS - DAY)
    assert not notices.still_due(notice("cancelled"), TOLD, STARTS - DAY)
