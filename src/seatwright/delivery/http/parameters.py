"""Query parameters of delivery's lists."""

from typing import Annotated

from litestar.params import QueryParameter

from seatwright.kit.limits import PAGE_ITEMS_MAX

PageSize = Annotated[
    int,
    QueryParameter(required=False, schema_extra={"minimum": 1, "maximum": PAGE_ITEMS_MAX}),
]
Cursor = Annotated[str | None, QueryParameter(required=False, max_length=300)]
