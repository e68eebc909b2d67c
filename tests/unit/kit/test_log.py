"""Logs tell what happened, and no secret with it."""

import json
import subprocess
import sys

import pytest

from seatwright.kit import log

PROGRAM = """
from seatwright.kit import log
log.configure(level={level!r}, json_lines={json_lines!r}, service="shop")
log.log.debug("quiet")
log.log.info("heard", order_secret="s3cret", seats=3)
hidden = "s3cret"
try:
    hidden / 2
except TypeError:
    log.log.exception("fault")
"""


def said(*, level: str = "info", json_lines: bool = True) -> str:
    program = PROGRAM.format(level=level, json_lines=json_lines)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "", "standard output belongs to the program, not to its log"
    return done.stderr


def test_json_lines_have_a_level_an_instant_and_a_service():
    heard, fault = map(json.loads, said().splitlines())
    assert (heard["event"], heard["level"], heard["service"]) == ("heard", "info", "shop")
    assert heard["at"].endswith("Z")
    assert heard["order_secret"] == "…"
    assert heard["seats"] == 3
    assert "TypeError" in fault["exception"]


@pytest.mark.parametrize("json_lines", [True, False])
def test_no_sink_shows_a_secret_not_even_in_a_traceback(json_lines):
    text = said(json_lines=json_lines)
    assert "s3cret" not in text
    assert "heard" in text
    assert "TypeError" in text


def test_the_level_decides_what_is_heard():
    assert "quiet" not in said()
    assert "quiet" in said(level="debug")
    assert "heard" not in said(level="error")


def test_a_field_that_looks_like_a_secret_is_masked_whatever_its_case():
    names = [
        "password",
        "Session_Token",
        "AUTHORIZATION",
        "cookie",
        "paper_grant",
        "gateway_api_key",
    ]
    fields = dict.fromkeys([*names, "seats", "code"], "x")
    masked = log.masked(None, "", fields)
    assert {k for k, v in masked.items() if v == "…"} == set(names)


def test_a_canonical_line_gathers_what_is_noted_until_the_next_begins():
    first = log.open_canonical()
    log.note(code="a")
    log.note(code="b", seats=2)
    log.spent("postgres", 0.0014)
    log.spent("postgres", 0.002)
    second = log.open_canonical()
    log.note(code="c")
    assert first == {"code": "b", "seats": 2, "postgres_ms": 3.4}
    assert second == {"code": "c"}


def test_outside_a_request_noting_is_nothing():
    log._canonical.set(None)
    log.note(code="a")
    log.spent("postgres", 1)
    assert log._canonical.get() is None
