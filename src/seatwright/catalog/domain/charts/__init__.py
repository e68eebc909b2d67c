"""Seat charts: drafts, what is wrong with them, files they come from, and publishing."""

from seatwright.catalog.domain.charts.draft import (
    ChartDraft,
    DraftArea,
    DraftCategory,
    DraftObject,
    DraftRow,
    DraftSeat,
    DraftSection,
    DraftTable,
)
from seatwright.catalog.domain.charts.publishing import draft_of, publish
from seatwright.catalog.domain.charts.reading import FILE_BYTES_MAX, read_chart
from seatwright.catalog.domain.charts.validation import problems_of, refuse_unsound
from seatwright.contracts.charts import (
    PublishedChart,
    decode_chart as decode,
    encode_chart as encode,
)

__all__ = [
    "FILE_BYTES_MAX",
    "ChartDraft",
    "DraftArea",
    "DraftCategory",
    "DraftObject",
    "DraftRow",
    "DraftSeat",
    "DraftSection",
    "DraftTable",
    "PublishedChart",
    "decode",
    "draft_of",
    "encode",
    "problems_of",
    "publish",
    "read_chart",
    "refuse_unsound",
]
