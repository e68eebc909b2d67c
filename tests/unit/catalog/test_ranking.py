"""Which of several events that have a word comes first."""

from datetime import timedelta
from typing import Any

import pytest

from seatwright.catalog.adapters.search_index import SearchIndex
from seatwright.catalog.domain.documents import EventDocument
from seatwright.catalog.domain.organisations import Organisation
from seatwright.catalog.domain.searching import Search
from seatwright.catalog.domain.venues import Venue
from seatwright.contracts.catalog import EventId, OrganisationId, VenueId
from tests.unit.catalog.an_event import NOW, START, a_document, a_plan


def an_event(name: str, *, days: int, venue: tuple[str, str] = ("Hall", "Ulm"), **plan: Any):
    where = Venue(
        id=VenueId(name), name=venue[0], city=venue[1], country="DE", address="S 1",
        lat=None, lon=None,
    )  # fmt: skip
    start = START + timedelta(days=days)
    plan = {"title": "An evening", "lineup": (), "summary": "", **plan}
    return a_document(
        a_plan(starts_at=start, ends_at=start + timedelta(hours=3), **plan),
        event=EventId(name),
        venue=where,
        organisation=Organisation(id=OrganisationId("o"), name="House", slug="house"),
    )


def found(*documents: EventDocument, typed: str) -> list[str]:
    index = SearchIndex()
    index.replace(documents)
    search = Search(words=tuple(typed.split()), sort="relevance")
    return list(index.find(search, now=NOW, limit=20, after=None).events)


LONG = "The opening of an opening of the opening, with openings after every opening. " * 3
# The later an event, the better its match; only what matches alike is sorted by its start.
OPENINGS = (
    an_event("told", days=1, description=LONG),
    an_event("summed up", days=2, summary=LONG[:280]),
    an_event("city", days=3, venue=("Hall", "Opening")),
    an_event("venue", days=4, venue=("Opening House", "Ulm")),
    an_event("performer", days=5, lineup=("Perla Icaza (opening)",)),
    an_event("longer title", days=6, title="A grand opening of the season with friends"),
    an_event("title", days=7, title="Opening"),
)
BY_FIELD = ["longer title", "title", "performer", "city", "venue", "summed up"]


@pytest.mark.parametrize("typed", ["opening", "openin", "open", "openning"])
def test_a_title_comes_before_performers_places_and_summaries(typed: str) -> None:
    assert found(*OPENINGS, typed=typed) == BY_FIELD


def test_the_word_as_typed_comes_before_one_with_a_typo() -> None:
    events = (
        an_event("title with another word", days=1, title="Tidas"),
        an_event("performer", days=2, lineup=("Tides",)),
        an_event("venue", days=3, venue=("Tides Club", "Ulm")),
    )
    assert found(*events, typed="tides") == ["performer", "venue", "title with another word"]


def test_each_word_counts_where_it_is_best() -> None:
    events = (
        an_event("both told", days=1, summary="Jazz opening"),
        an_event("one in the title", days=2, title="Jazz", summary="opening"),
        an_event("both in the title", days=3, title="Opening of the jazz days"),
    )
    ranked = ["both in the title", "one in the title", "both told"]
    assert found(*events, typed="jazz opening") == ranked
