"""What the catalogue's use cases work with."""

import asyncio
from dataclasses import dataclass, field

from seatwright.catalog.adapters.bucket import Bucket
from seatwright.catalog.domain.organisations import Organisation
from seatwright.catalog.service.programme import Programme
from seatwright.kit.errors import NotFound
from seatwright.kit.files import Files
from seatwright.kit.postgres import Database

CHARTS = "charts"
IMAGES = "images"


def packed_name(chart: str) -> str:
    """The file beside a chart's own that has it in gzip."""
    return f"{chart}.json.gz"


class NotHere(NotFound):
    """Not there, or not this organisation's."""

    code = "not_found"
    title = "Not found"


@dataclass(frozen=True, slots=True)
class Archive:
    """What is kept: rows and files. Enough for organisations, venues and charts."""

    database: Database
    files: Files
    # Reading or publishing 70,000 seats takes a second of a core: one at a time a process.
    chart_work: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(1), kw_only=True
    )


@dataclass(frozen=True, slots=True)
class Catalogue(Archive):
    """The tools of every use case, connected once a process."""

    bucket: Bucket
    programme: Programme


def there(organisation: Organisation | None) -> Organisation:
    """The organisation, or a refusal that does not tell whether it exists."""
    if organisation is None:
        raise NotHere("There is no such organisation.")
    return organisation
