"""
The search index: tantivy, in memory, one in each process, made from the documents.

Scores are constants (which word matched, where, how exactly) and never statistics of the whole
collection, so that an event's place in a list depends on the event and the question alone.
20,000 events: a question takes 0.3 to 5 ms, replacing one event 10 ms.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import tantivy
from tantivy import FieldType, Occur, Order, Query

from seatwright.catalog.adapters.search_schema import SCHEMA, TEXT_FIELDS, entry, open_index
from seatwright.catalog.domain.documents import EventDocument
from seatwright.catalog.domain.geography import Spot, within
from seatwright.catalog.domain.searching import Search
from seatwright.contracts.catalog import EventId

# Nobody pages through more by relevance: the list ends here, and costs 2 ms instead of 6.
RELEVANT_MAX = 500
FACET_VALUES_MAX = 50
# Two events may share a rank only by a collision of 30 bits; more than a few never do.
_TWINS_MAX = 8
_WRITER_BYTES = 30_000_000
# A title is what an event is; a line-up says "(opening)" of somebody, a summary anything.
_WEIGHTS: Mapping[str, float] = {"title": 16.0, "lineup": 6.0, "place": 3.0, "about": 1.0}
# A word as it was typed weighs more in the next field than one with a typo in this.
_EXACT, _PREFIX, _TYPO = 4.0, 2.0, 0.5
_ONE_TYPO_FROM, _TWO_TYPOS_FROM = 4, 8
_INTEGER_MAX = 2**63 - 1

_RANKS: Mapping[str, tuple[str, Order]] = {
    "starts_at": ("by_start", Order.Asc),
    "-starts_at": ("by_start", Order.Desc),
    "price": ("by_price", Order.Asc),
    "-price": ("by_price", Order.Desc),
}

# Behind the last item of a page: its rank and id, and by relevance its score before them.
After = tuple[float, int, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a list; `after` leads to the next one, None at the end."""

    events: Sequence[EventId]
    after: After | None


@dataclass(frozen=True, slots=True)
class Facet:
    """How many events a filter on this value would show."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class _Hit:
    score: float
    rank: int
    event: EventId


class SearchIndex:
    """Questions may come from any thread; `replace` from one at a time."""

    def __init__(self) -> None:
        self._index = open_index()
        self._writer = self._index.writer(_WRITER_BYTES, 1)
        self._searcher = self._index.searcher()
        self._slots: dict[EventId, int] = {}
        self._events: list[EventId] = []
        self._spots: dict[str, Spot] = {}

    @property
    def size(self) -> int:
        """How many events can be found."""
        return int(self._searcher.num_docs)

    def replace(self, documents: Iterable[EventDocument]) -> None:
        """Let these documents take the place of earlier ones of the same events; blocks."""
        spots = dict(self._spots)
        for document in documents:
            slot = self._slots.setdefault(document.id, len(self._events))
            if slot == len(self._events):
                self._events.append(document.id)
            else:
                self._writer.delete_documents_by_term("id", document.id)
            venue = document.venue
            if venue.lat is not None and venue.lon is not None:
                spots[venue.id] = Spot(venue.lat, venue.lon)
            else:
                spots.pop(venue.id, None)
            self._writer.add_document(entry(document, slot))
        self._spots = spots  # swapped, not changed: a question may be reading the old one
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()

    def find(self, search: Search, *, now: datetime, limit: int, after: After | None) -> Found:
        """The next `limit` events."""
        query = self._query(search, now)
        if search.sort == "relevance":
            hits = self._by_relevance(query, after)
        else:
            hits = self._by_rank(query, search.sort, limit, after)
        page = hits[:limit]
        last = page[-1] if len(hits) > limit else None
        return Found(
            events=[hit.event for hit in page],
            after=None if last is None else (last.score, last.rank, last.event),
        )

    def facets(self, search: Search, *, now: datetime) -> dict[str, list[Facet]]:
        """Values of city and category: each counted without the filter on itself."""
        found = {}
        for name, field in (("city", "city"), ("category", "category")):
            query = self._query(search, now, without=name)
            terms = {"field": field, "size": FACET_VALUES_MAX}
            answer = self._searcher.aggregate(query, {"values": {"terms": terms}})
            buckets = answer["values"]["buckets"]
            counted = [Facet(str(b["key"]), int(b["doc_count"])) for b in buckets]
            # What was chosen stays visible, so that it can be taken back.
            found[name] = sorted(counted, key=lambda facet: (-facet.count, facet.value))
        return found

    def _by_rank(self, query: Query, sort: str, limit: int, after: After | None) -> list[_Hit]:
        field, order = _RANKS[sort]
        sign = 1 if order == Order.Asc else -1
        if after is not None:
            low, high = (after[1], _INTEGER_MAX) if sign > 0 else (0, after[1])
            query = _all_of([query, _between(field, low, high)])
        result = self._searcher.search(
            query, limit=limit + 1 + _TWINS_MAX, count=False, order_by_field=field, order=order
        )
        hits = self._hits(((0.0, rank), address) for rank, address in result.hits)
        hits.sort(key=lambda hit: (sign * hit.rank, hit.event))
        if after is None:
            return hits
        behind = (sign * after[1], after[2])
        return [hit for hit in hits if (sign * hit.rank, hit.event) > behind]

    def _by_relevance(self, query: Query, after: After | None) -> list[_Hit]:
        result = self._searcher.search(query, limit=RELEVANT_MAX, count=False)
        addresses = [address for _, address in result.hits]
        ranks = self._searcher.fast_field_values("by_start", addresses)
        scored = (
            ((round(score, 3), int(rank or 0)), address)
            for (score, address), rank in zip(result.hits, ranks, strict=True)
        )
        hits = self._hits(scored)
        hits.sort(key=_relevance)
        if after is None:
            return hits
        behind = (-after[0], after[1], after[2])
        return [hit for hit in hits if _relevance(hit) > behind]

    def _hits(self, found: Iterable[tuple[tuple[float, int], tantivy.DocAddress]]) -> list[_Hit]:
        pairs = list(found)
        slots = self._searcher.fast_field_values("slot", [address for _, address in pairs])
        return [
            _Hit(score, rank, self._events[int(slot or 0)])
            for ((score, rank), _), slot in zip(pairs, slots, strict=True)
        ]

    def _query(self, search: Search, now: datetime, *, without: str = "") -> Query:
        parts = [
            _word(word, last=i == len(search.words) - 1) for i, word in enumerate(search.words)
        ]
        for field in ("city", "category", "country", "venue", "organisation", "currency"):
            value = getattr(search, field)
            if value is not None and field != without:
                name = "city_folded" if field == "city" else field
                parts.append(_term(name, value))
        parts += _times(search, now)
        if search.price_max is not None:
            parts.append(_between("price_from", 0, search.price_max))
        if search.price_min is not None:
            parts.append(_between("price_to", search.price_min, _INTEGER_MAX))
        if search.accessible:
            parts.append(_between("accessible", 1, 1))
        if search.near is not None:
            near = list(within(self._spots.items(), search.near, search.radius_km))
            parts.append(
                Query.const_score_query(Query.term_set_query(SCHEMA, "venue", near), 0.0)
                if near
                else Query.empty_query()
            )
        return _all_of(parts)


def _relevance(hit: _Hit) -> tuple[float, int, str]:
    return (-hit.score, hit.rank, hit.event)


def _all_of(parts: Sequence[Query]) -> Query:
    if not parts:
        return Query.all_query()
    return Query.boolean_query([(Occur.Must, part) for part in parts])


def _term(field: str, value: str) -> Query:
    return Query.const_score_query(Query.term_query(SCHEMA, field, value, "basic"), 0.0)


def _between(field: str, low: int, high: int) -> Query:
    found = Query.range_query(SCHEMA, field, FieldType.Integer, lower_bound=low, upper_bound=high)
    return Query.const_score_query(found, 0.0)


def _word(word: str, *, last: bool) -> Query:
    """
    Events with this word, its beginning, or something one or two typos away.

    The last word of the question may still be growing: there a typo in the beginning counts.
    """
    typos = 0 if len(word) < _ONE_TYPO_FROM else 1 if len(word) < _TWO_TYPOS_FROM else 2
    ways = []
    for field, weight in _WEIGHTS.items():
        ways.append((Query.term_query(SCHEMA, field, word, "freq"), weight * _EXACT))
        begins = Query.fuzzy_term_query(SCHEMA, field, word, distance=0, prefix=True)
        ways.append((begins, weight * _PREFIX))
        if typos:
            like = Query.fuzzy_term_query(SCHEMA, field, word, distance=typos, prefix=last)
            ways.append((like, weight * _TYPO))
    return Query.disjunction_max_query(
        [Query.const_score_query(query, score) for query, score in ways]
    )


def _times(search: Search, now: datetime) -> list[Query]:
    parts = []
    if search.available:
        at = int(now.timestamp())
        parts += [
            _term("state", "published"),
            _between("on_sale", 0, at),
            _between("off_sale", at + 1, _INTEGER_MAX),
        ]
    if search.since is None:
        parts.append(_between("ends", int(now.timestamp()) + 1, _INTEGER_MAX))
    else:
        parts.append(_bound(search.since, is_lower=True))
    if search.until is not None:
        parts.append(_bound(search.until, is_lower=False))
    return parts


def _bound(moment: datetime | date, *, is_lower: bool) -> Query:
    if isinstance(moment, datetime):
        field, value = "starts", int(moment.timestamp())
    else:
        # A day is a day where the event takes place, whatever the visitor's own calendar says.
        field, value = "local_day", moment.toordinal()
    return _between(field, value, _INTEGER_MAX) if is_lower else _between(field, 0, value)


assert tuple(_WEIGHTS) == TEXT_FIELDS
