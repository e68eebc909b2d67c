"""Seat charts: drafts that change, versions that never do."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec

from seatwright.catalog import store
from seatwright.catalog.domain.charts import ChartDraft, encode, publish, read_chart
from seatwright.catalog.domain.charts.draft import seat_total
from seatwright.catalog.domain.publication import ChartFacts, VersionCategory
from seatwright.catalog.service.catalogue import CHARTS, Archive, NotHere, packed_name, there
from seatwright.catalog.service.once import RequestKey, make_once
from seatwright.catalog.store import ChartId, ChartRow
from seatwright.contracts.catalog import ChartHash, OrganisationId
from seatwright.kit import ids
from seatwright.kit.errors import Stale, TooMany
from seatwright.kit.postgres import Writer

CHART_WORK_WAIT = timedelta(seconds=15)
_FAST = 1  # zlib: six times smaller in 30 ms; the strongest level saves little and takes seconds

_STRONG = 9  # 60 ms for a stadium, read very often: 45 KB instead of 54


async def add_chart(
    archive: Archive,
    *,
    organisation: OrganisationId,
    file: bytes,
    name: str,
    request: RequestKey | None = None,
) -> ChartRow:
    """
    A draft from a file in any format that `read_chart` knows; `name` where the file has none.

    Raises `Invalid` naming lines or pointers, with nothing stored.
    """
    async with _at_work(archive):
        draft, packed = await asyncio.to_thread(_read, file, name)
    return await keep_chart(
        archive, organisation=organisation, draft=draft, packed=packed, request=request
    )


async def keep_chart(
    archive: Archive,
    *,
    organisation: OrganisationId,
    draft: ChartDraft,
    packed: bytes | None = None,
    request: RequestKey | None = None,
    chart: ChartId | None = None,
) -> ChartRow:
    """Store a sound draft as a new chart, or find the one the same request (or id) made."""
    content = await asyncio.to_thread(_pack, draft) if packed is None else packed

    async def make(writer: Writer) -> None:
        there(await store.organisation(writer, organisation))
        await store.add_chart(
            writer,
            chart=new,
            organisation=organisation,
            name=draft.name,
            seat_count=seat_total(draft),
            draft=content,
        )

    new = chart or ChartId(ids.short_id())
    made = await make_once(archive.database, request, new, make)
    return await read_chart_row(archive, organisation=organisation, chart=ChartId(made))


async def replace_chart(
    archive: Archive,
    *,
    organisation: OrganisationId,
    chart: ChartId,
    version: int | None,
    file: bytes,
) -> ChartRow:
    """Replace a draft by a file; versions published before stay. `Stale`, `Invalid`, `NotHere`."""
    row = await read_chart_row(archive, organisation=organisation, chart=chart)
    async with _at_work(archive):
        draft, packed = await asyncio.to_thread(_read, file, row.name)
    async with archive.database.transaction() as writer:
        kept = await store.edit_chart(
            writer,
            chart=chart,
            organisation=organisation,
            name=draft.name,
            seat_count=seat_total(draft),
            draft=packed,
            version=row.version if version is None else version,
        )
    if not kept:
        raise Stale("The chart was changed meanwhile.")
    return await read_chart_row(archive, organisation=organisation, chart=chart)


async def find_chart(
    archive: Archive, *, organisation: OrganisationId, chart: ChartId
) -> ChartRow | None:
    """The chart without its seats, None when this organisation has no such chart."""
    async with archive.database.reading() as reader:
        return await store.chart(reader, chart=chart, organisation=organisation)


async def read_chart_row(
    archive: Archive, *, organisation: OrganisationId, chart: ChartId
) -> ChartRow:
    """The chart without its seats; raises `NotHere`."""
    row = await find_chart(archive, organisation=organisation, chart=chart)
    if row is None:
        raise NotHere("There is no such chart.")
    return row


async def read_draft(
    archive: Archive, *, organisation: OrganisationId, chart: ChartId
) -> ChartDraft:
    """The seats of a draft; raises `NotHere`."""
    async with archive.database.reading() as reader:
        packed = await store.chart_draft(reader, chart=chart, organisation=organisation)
    if packed is None:
        raise NotHere("There is no such chart.")
    return await asyncio.to_thread(_unpack, packed)


async def list_charts(
    archive: Archive, *, organisation: OrganisationId, after: str | None, limit: int
) -> list[ChartRow]:
    """Newest first, behind the id `after`."""
    async with archive.database.reading() as reader:
        return await store.charts_page(reader, organisation=organisation, after=after, limit=limit)


async def publish_chart(
    archive: Archive, *, organisation: OrganisationId, chart: ChartId
) -> ChartFacts:
    """
    Seal the draft as an immutable file named by its hash; the same draft gives the same file.

    Raises `NotHere`, or `Invalid` when the draft cannot be published.
    """
    draft = await read_draft(archive, organisation=organisation, chart=chart)
    async with _at_work(archive):
        facts, file = await asyncio.to_thread(_publish, draft)
    await _seal(archive, organisation=organisation, chart=chart, facts=facts, file=file)
    return facts


async def import_chart(
    archive: Archive, *, organisation: OrganisationId, file: bytes, name: str
) -> tuple[ChartRow, ChartFacts]:
    """
    Read, store and publish a chart file in one go, as the command line does.

    Raises `Invalid` naming lines or pointers, with nothing stored.
    """
    async with _at_work(archive):
        draft, packed = await asyncio.to_thread(_read, file, name)
        # Before anything is stored: a draft that cannot be published stays on the disk it is on.
        facts, published = await asyncio.to_thread(_publish, draft)
    row = await keep_chart(archive, organisation=organisation, draft=draft, packed=packed)
    await _seal(archive, organisation=organisation, chart=row.id, facts=facts, file=published)
    return row, facts


async def _seal(
    archive: Archive,
    *,
    organisation: OrganisationId,
    chart: ChartId,
    facts: ChartFacts,
    file: bytes,
) -> None:
    # The file first: a row without its file would be sold from and could not be shown.
    await archive.files.write(folder=CHARTS, name=f"{facts.hash}.json", content=file)
    # Packed once and not for each of a hundred thousand buyers; the gateway finds it by its name.
    packed = await asyncio.to_thread(gzip.compress, file, _STRONG, mtime=0)
    await archive.files.write(folder=CHARTS, name=packed_name(facts.hash), content=packed)
    async with archive.database.transaction() as writer:
        await store.add_chart_version(writer, chart=chart, organisation=organisation, facts=facts)


@asynccontextmanager
async def _at_work(archive: Archive) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(CHART_WORK_WAIT.total_seconds()):
            await archive.chart_work.acquire()
    except TimeoutError:
        raise TooMany("Other charts are being read; try again.", retry_after_s=5) from None
    try:
        yield
    finally:
        archive.chart_work.release()


def _read(file: bytes, name: str) -> tuple[ChartDraft, bytes]:
    draft = read_chart(file, name)
    return draft, _pack(draft)


def _pack(draft: ChartDraft) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(draft), _FAST)


def _unpack(packed: bytes) -> ChartDraft:
    return msgspec.msgpack.decode(zlib.decompress(packed), type=ChartDraft)


def _publish(draft: ChartDraft) -> tuple[ChartFacts, bytes]:
    chart = publish(draft)
    counts = chart.category_counts
    facts = ChartFacts(
        hash=ChartHash(chart.version),
        seat_count=chart.seat_count,
        accessible=chart.has_accessible_places,
        categories=tuple(
            VersionCategory(key=part.key, name=part.name, color=part.color, seats=seats)
            for part, seats in zip(chart.categories, counts, strict=True)
        ),
    )
    return facts, encode(chart)
