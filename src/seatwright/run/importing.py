"""Bringing charts from files into an organisation, by the command line."""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from seatwright.catalog.domain.charts import publish, read_chart
from seatwright.catalog.domain.charts.file_lines import lines_of
from seatwright.catalog.domain.charts.reading import FILE_BYTES_MAX, is_json
from seatwright.catalog.domain.organisations import Organisation
from seatwright.catalog.domain.publication import ChartFacts
from seatwright.catalog.domain.venues import VenuePlan
from seatwright.catalog.service import charts, organisations, venues
from seatwright.catalog.service.catalogue import Archive, NotHere
from seatwright.catalog.store import VenueRow
from seatwright.kit import clock
from seatwright.kit.errors import Expected, Invalid, Problem
from seatwright.kit.files import FolderFiles
from seatwright.run import standing
from seatwright.run.organising import ADDRESS_UNKNOWN, as_options, database


class FileNotRead(Expected):
    """A file that was named cannot be opened, or is too large to be a chart."""

    code = "file_not_read"
    title = "The file was not read"


async def import_chart(given: argparse.Namespace) -> int:
    """Check a chart file, or bring it into an organisation, published and ready to be sold from."""
    content = _content(given.file)
    try:
        if given.check:
            chart = publish(read_chart(content, given.name or given.file.stem))
            print(f"{chart.name}: {chart.seat_count} places, nothing wrong. Nothing was stored.")
            return 0
        return await _import(given, content)
    except Invalid as refusal:
        _tell(given.file, content, refusal.problems)
        print("Nothing was stored.", file=sys.stderr)
        return 1


async def _import(given: argparse.Namespace, content: bytes) -> int:
    data = given.data.resolve()
    settings = standing.settings_of(data)
    url, files = standing.database_of(settings, data), standing.files_of(settings)
    async with database(url, "catalog") as catalog:
        archive = Archive(catalog, FolderFiles(files))
        chosen = await organisations.find_organisation(archive, given.organisation)
        venue = await _known_venue(archive, chosen, given)
        row, facts = await charts.import_chart(
            archive, organisation=chosen.id, file=content, name=given.name or given.file.stem
        )
        if venue is None and given.venue is not None:
            venue = await venues.add_venue(archive, organisation=chosen.id, plan=_plan(given))
    kinds = ", ".join(f"{part.name} {part.seats}" for part in facts.categories)
    print(f"{row.name}: {facts.seat_count} places ({kinds})")
    print(f"Chart {row.id} of {chosen.name}, published as {facts.hash}")
    print(_next(settings.get("PUBLIC_URL", ADDRESS_UNKNOWN), chosen, venue, facts))
    return 0


async def _known_venue(
    archive: Archive, chosen: Organisation, given: argparse.Namespace
) -> VenueRow | None:
    # None where there is no wish for one, or it is to be made; refused before anything is stored.
    if given.venue is None:
        return None
    try:
        return await venues.find_venue(archive, organisation=chosen.id, called=given.venue)
    except NotHere as absent:
        if given.city and given.country and given.timezone:
            _refuse_unsound(_plan(given))
            return None
        detail = f"{absent} To make it, give --city, --country and --timezone too."
        raise NotHere(detail) from absent


def _refuse_unsound(plan: VenuePlan) -> None:
    try:
        venues.refuse_unsound(plan)
    except Invalid as refusal:
        options = {name: f"--{name}" for name in ("city", "country", "timezone")}
        raise as_options(refusal, name="--venue", **options) from refusal


def _plan(given: argparse.Namespace) -> VenuePlan:
    return VenuePlan(
        name=given.venue, city=given.city, country=given.country, timezone=given.timezone
    )


def _next(base: str, chosen: Organisation, venue: VenueRow | None, facts: ChartFacts) -> str:
    site = f"{base}/v1/organisations/{chosen.id}"
    lines = [f"See it: {base}/v1/charts/{facts.hash}", "To sell from it:"]
    if venue is None:
        lines.append(f"  a venue: POST {site}/venues (or --venue at the next import)")
    body = json.dumps(example_event(venue, facts), indent=1, ensure_ascii=False)
    lines += [f"  an event: POST {site}/events with your own words and prices in", body]
    lines.append(f"  and once it is right: POST {site}/events/EVENT_ID/publications")
    return "\n".join(lines)


def example_event(venue: VenueRow | None, facts: ChartFacts) -> dict[str, Any]:
    """A whole event to sell these places by, as the API takes it."""
    starts = (clock.now() + timedelta(days=90)).replace(hour=19, minute=0, second=0, microsecond=0)
    return {
        "title": "Opening night",
        "category": "concert",
        "venue_id": "VENUE_ID" if venue is None else venue.id,
        "starts_at": clock.rfc3339(starts),
        "ends_at": clock.rfc3339(starts + timedelta(hours=3)),
        "on_sale_at": clock.rfc3339(starts - timedelta(days=60)),
        "currency": "EUR",
        "chart": facts.hash,
        "prices": [
            {"category": part.key, "face": {"amount": 2500, "currency": "EUR"}}
            for part in facts.categories
        ],
    }


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise FileNotRead(f"{file} has more than {FILE_BYTES_MAX // 1_000_000} MB.")
        return file.read_bytes()
    except OSError as refused:
        raise FileNotRead(f"{file}: {refused.strerror}.") from refused


def _tell(file: Path, content: bytes, problems: Iterable[Problem]) -> None:
    told = tuple(problems)
    lines = _lines(content.decode("utf-8-sig", "replace"), {problem.pointer for problem in told})
    for problem in told:
        pointer = problem.pointer
        if pointer.startswith("--"):
            words = [f"{pointer}:"]
        elif pointer.startswith("line "):
            words = [f"{file}:{pointer.removeprefix('line ')}:"]
        else:
            line = lines.get(pointer, "")
            words = [f"{file}:{line}:" if line else f"{file}:", *([pointer] if pointer else [])]
        print(*words, problem.detail, f"[{problem.code}]", file=sys.stderr)


def _lines(text: str, pointers: Iterable[str]) -> Mapping[str, int]:
    try:
        return lines_of(text, tuple(pointers)) if is_json(text) else {}
    except (ValueError, IndexError, RecursionError):  # text that is hardly JSON: no line is known
        return {}
