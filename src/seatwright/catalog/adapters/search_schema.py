"""What the search index knows of an event."""

from typing import Any
from zoneinfo import ZoneInfo

import tantivy
from tantivy import Document, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from seatwright.catalog.domain.documents import EventDocument
from seatwright.catalog.domain.listing import rank_by_price, rank_by_start
from seatwright.catalog.domain.pricing import price_range
from seatwright.catalog.domain.words import fold, words

# Words are folded by our own rules before they get here; the index only cuts at spaces.
_TOKENIZER = "words"
TEXT_FIELDS = ("title", "lineup", "place", "about")
_EXACT_FIELDS = ("id", "city_folded", "country", "venue", "organisation", "currency", "state")
_COUNTED_FIELDS = ("city", "category")
_NUMBER_FIELDS = (
    "slot",
    "by_start",
    "by_price",
    "starts",
    "ends",
    "on_sale",
    "off_sale",
    "local_day",
    "price_from",
    "price_to",
    "accessible",
)


def _schema() -> tantivy.Schema:
    builder = SchemaBuilder()
    for name in TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name=_TOKENIZER, index_option="freq")
    for name in _EXACT_FIELDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in _COUNTED_FIELDS:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    for name in _NUMBER_FIELDS:
        builder.add_integer_field(name, indexed=True, fast=True)
    return builder.build()


SCHEMA = _schema()


def open_index() -> tantivy.Index:
    """An empty index in memory."""
    index = tantivy.Index(SCHEMA)
    index.register_tokenizer(_TOKENIZER, TextAnalyzerBuilder(Tokenizer.whitespace()).build())
    index.config_reader("manual")
    return index


def entry(document: EventDocument, slot: int) -> Document:
    """What is indexed of a document; `slot` is a small number that leads back to it."""
    venue = document.venue
    about = (document.organisation.name, document.category, document.summary)
    cheapest, dearest = price_range(document.categories)
    local_day = document.starts_at.astimezone(ZoneInfo(document.timezone)).date()
    fields: dict[str, Any] = {
        "title": _spaced(document.title),
        "lineup": _spaced(*document.lineup),
        "place": _spaced(venue.name, venue.city),
        "about": _spaced(*about),
        "id": document.id,
        "city": venue.city,
        "city_folded": fold(venue.city),
        "category": document.category,
        "country": venue.country,
        "venue": venue.id,
        "organisation": document.organisation.id,
        "currency": document.currency,
        "state": document.state,
        "slot": slot,
        "by_start": rank_by_start(document.id, document.starts_at),
        "by_price": rank_by_price(document.id, cheapest),
        "starts": int(document.starts_at.timestamp()),
        "ends": int(document.ends_at.timestamp()),
        "on_sale": int(document.on_sale_at.timestamp()),
        "off_sale": int(document.off_sale_at.timestamp()),
        "local_day": local_day.toordinal(),
        "price_from": cheapest,
        "price_to": dearest,
        "accessible": int(document.accessible),
    }
    return Document(**fields)


def _spaced(*texts: str) -> str:
    return " ".join(words(" ".join(texts)))
