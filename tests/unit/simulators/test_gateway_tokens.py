"""The page for people who try payments has every token there is."""

import re
from pathlib import Path

from seatwright.simulators.gateway.tokens import BEHAVIOURS

PAGE = Path(__file__).parents[3] / "docs" / "operations" / "test-payments.md"


def test_the_page_has_every_token_and_why_it_is_declined() -> None:
    rows = dict(re.findall(r"^\| `(tok_\w+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE))
    assert set(rows) == set(BEHAVIOURS)
    for token, does in BEHAVIOURS.items():
        assert (does.decline_code or "") in rows[token]
        assert (does.decline_code is not None) == rows[token].startswith("declined")
