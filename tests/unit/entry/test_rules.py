"""The rules of the gate, without any gate."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, strategies as st

from seatwright.contracts import ticket_codes
from seatwright.contracts.catalog import EventId
from seatwright.contracts.orders import TicketStatus
from seatwright.entry import domain
from tests.fakes.sold import a_ticket, an_event

EVENT = an_event()
TICKET = a_ticket(EVENT)
CODE = ticket_codes.of(TICKET, ends_at=EVENT.ends_at)
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
    assert domain.judge_code(CODE, asked=None, at=EVENT.ends_at + after_end) == reason


def test_the_gate_of_another_event_refuses() -> None:
    at = EVENT.starts_at
    assert domain.judge_code(CODE, asked=EVENT.id, at=at) is None
    assert domain.judge_code(CODE, asked=EventId("other"), at=at) == "wrong_event"
