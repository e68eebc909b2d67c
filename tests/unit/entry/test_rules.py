"""The rules of the gate, without any gate."""

from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given, strategies as st

from seatwright.contracts import moving_codes, ticket_codes
from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import TicketStatus
from seatwright.entry import domain
from tests.fakes.sold import a_ticket, an_event

EVENT = an_event()
TICKET = a_ticket(EVENT)
CODE = ticket_codes.of(TICKET, ends_at=EVENT.ends_at)


def judged(
    *,
    at: datetime,
    event: EventId | None = None,
    step: int | None = None,
    moves: bool = False,
    uploaded: bool = False,
) -> str | None:
    scan = domain.Scan(
        code="x", event=event, gate=None, id=None, scanner="s", at=at, uploaded=uploaded
    )
    return domain.judge_code(domain.Shown(CODE, step), scan, moves=moves)


STATUSES: list[TicketStatus] = ["valid", "used", "transferred", "refunded", "void"]


@given(st.sampled_from(STATUSES), st.booleans(), st.integers(0, 3), st.integers(0, 3))
def test_only_a_standing_paid_ticket_with_its_newest_code_passes(
    status: TicketStatus, released: bool, seq: int, code_seq: int
) -> None:
    ticket = msgspec.structs.replace(TICKET, status=status, released=released, seq=seq)
    code = msgspec.structs.replace(CODE, seq=code_seq)
    passes = domain.judge_ticket(code, ticket) is None
    assert passes == (status == "valid" and released and seq == code_seq)


@pytest.mark.parametrize(
    ("after_end", "reason"),
    [
        (timedelta(hours=-4), None),
        (timedelta(hours=23), None),
        (timedelta(days=1), None),
        (timedelta(days=1, seconds=1), "expired"),
    ],
)
def test_a_code_is_good_for_a_day_after_the_end(after_end: timedelta, reason: str | None) -> None:
    assert judged(at=EVENT.ends_at + after_end) == reason


def test_the_gate_of_another_event_refuses() -> None:
    at = EVENT.starts_at
    assert judged(event=EVENT.id, at=at) is None
    assert judged(event=EventId("other"), at=at) == "wrong_event"


# The event begins at 18:00:00 UTC, which is the beginning of a step.
NOW_STEP = moving_codes.step_at(EVENT.starts_at)


@pytest.mark.parametrize(
    ("uploaded", "steps", "reason"),
    [
        (False, -3, "code_outdated"),
        (False, -2, None),
        (False, 0, None),
        (False, 1, None),
        (False, 2, "code_outdated"),
        (True, -9, "code_outdated"),
        (True, -8, None),
        (True, 8, None),
        (True, 9, "code_outdated"),
    ],
)
def test_a_moving_code_is_good_for_its_moment_and_longer_where_no_network_is(
    uploaded: bool, steps: int, reason: str | None
) -> None:
    at = EVENT.starts_at
    assert judged(at=at, step=NOW_STEP + steps, moves=True, uploaded=uploaded) == reason


@pytest.mark.parametrize("uploaded", [False, True])
def test_a_code_that_stands_opens_no_gate_of_an_event_whose_codes_move(uploaded: bool) -> None:
    at = EVENT.starts_at
    assert judged(at=at, moves=True, uploaded=uploaded) == "code_not_moving"
    assert judged(at=at, moves=False, uploaded=uploaded) is None


def test_a_moving_code_ends_with_its_event_too() -> None:
    at = EVENT.ends_at + timedelta(days=1, seconds=1)
    assert judged(at=at, step=moving_codes.step_at(at), moves=True) == "expired"
