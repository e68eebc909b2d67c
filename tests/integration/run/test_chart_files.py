"""`seatwright event import` on a database by its address: what comes in, and what never does."""

import json
from pathlib import Path

import asyncpg
import pytest

from seatwright.contracts.charts import decode_chart
from seatwright.run import migrations
from seatwright.run.engines import Addresses
from tests.databases import empty_database
from tests.integration.run import plans
from tests.integration.run.terminal import Told, seatwright

WHOSE = ("--organisation", "the-hall")
STORED = (
    "SELECT (SELECT count(*) FROM catalog.charts), (SELECT count(*) FROM catalog.chart_versions),"
    " (SELECT count(*) FROM catalog.venues)"
)


class Place:
    """A database with one organisation, a folder of files, and what is in them."""

    def __init__(self, url: str, folder: Path) -> None:
        self.environment = {"DATABASE_URL": url, "FILES_DIR": str(folder)}
        self.folder = folder

    async def ask(self, query: str) -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(self.environment["DATABASE_URL"])
        try:
            return [tuple(row) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    async def stored(self) -> tuple[object, ...]:
        """Numbers of charts, versions, venues and files."""
        files = [one for one in self.folder.rglob("*") if one.is_file()]
        return (*(await self.ask(STORED))[0], len(files))

    async def event_import(self, *words: object) -> Told:
        return await seatwright("event", "import", *words, environment=self.environment)


@pytest.fixture(scope="module")
async def place(engines: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Place:
    url = await empty_database(engines.database_url, "imports")
    await migrations.install(url)
    made = Place(url, tmp_path_factory.mktemp("files"))
    words = ("organisation", "create", "The Hall", "--owner", "ada@example.com")
    assert (await seatwright(*words, environment=made.environment)).code == 0
    return made


@pytest.mark.parametrize("name", plans.ALL)
async def test_every_kind_of_file_comes_in(place, tmp_path, name):
    content, count = plans.ALL[name]
    file = tmp_path / name
    file.write_bytes(content)
    before = await place.stored()
    checked = await place.event_import(file, "--check")
    assert (checked.code, checked.err) == (0, "")
    assert f"{count} places, nothing wrong. Nothing was stored." in checked.out
    assert await place.stored() == before
    told = await place.event_import(file, *WHOSE)
    assert (told.code, told.err) == (0, "")
    body = json.loads(told.out[told.out.index("\n{") : told.out.rindex("\n}") + 2])
    chart = decode_chart((place.folder / "charts" / f"{body['chart']}.json").read_bytes())
    assert chart.seat_count == count
    assert [price["category"] for price in body["prices"]] == [one.key for one in chart.categories]
    versions = await place.ask(
        "SELECT c.name, v.seat_count FROM catalog.chart_versions v JOIN catalog.charts c"
        f" ON c.id = v.chart WHERE v.hash = '{body['chart']}' ORDER BY c.id DESC LIMIT 1"
    )
    assert versions == [(chart.name, count)]


REFUSED = {
    "twice.csv": (plans.CSV + b"A,1,3,150,0,Gold,\n", ":5: The seat '3' is also at line 4."),
    "date.csv": (plans.CSV + b"A,1,3-Feb,150,0,Gold,\n", ":5: The seat '3-Feb' was changed"),
    "section.csv": (plans.CSV + b"B:1,1,1,150,0,Gold,\n", ":5: The key 'B:1' contains"),
    "category.csv": (plans.CSV + b"B,1,1,150,0," + b"g" * 30 + b",\n", ":5: The category 'ggg"),
    "far.csv": (plans.CSV + b"A,1,4,nan,0,Gold,\n", ":5: x is not a number: 'nan'."),
    "latin.csv": (plans.CSV + "A,1,4,0,0,Größe,\n".encode("latin-1"), ":5: The file is not UTF-8"),
    "wide.csv": (plans.CSV.decode().encode("utf-16"), ": The file is UTF-16"),
    "none.csv": (b"", ":1: The file is empty."),
    "comma.json": (plans.OURS.replace(b"4},", b"4},,"), ":6: JSON is malformed"),
    "field.json": (plans.OURS.replace(b'"2", "count"', b'"2", "cuont"'), ":7: /sections/0/rows/1 "),
    "row.json": (plans.OURS.replace(b'"2"', b'"1"'), ":7: /sections/0/rows/1"),
    "count.json": (plans.OURS.replace(b'"2", "count": 4', b'"2", "count": 0'), ":7: "),
    "missing.json": (plans.OURS.replace(b'"key": "A", ', b""), ":5: /sections/0 "),
    "deep.json": (b'{"name": ' + b"[" * 100_000, ":1: Brackets are nested too deeply"),
    "pretix.json": (plans.PRETIX.replace(b'"seat_number"', b'"n"'), ":1: /zones/0/rows/0/seats/"),
}


MANY = [
    ("many.csv", plans.CSV + b"A,1,3-Feb,150,0,Gold,\nA,1,1,200,nan,Gold,\n", [5, 6, 6]),
    (
        "many.json",
        plans.OURS.replace(b'{"name": "2", "count": 4}', b",\n".join([b'{"name": "1"}'] * 30)),
        [line for line in range(7, 37) for _ in range(2)],
    ),
]


@pytest.mark.parametrize(("name", "content", "lines"), MANY)
async def test_all_that_is_wrong_is_said_at_once_by_line(place, tmp_path, name, content, lines):
    file = tmp_path / name
    file.write_bytes(content)
    told = await place.event_import(file, "--check")
    said = [line for line in told.err.splitlines() if line.startswith(f"{file}:")]
    assert [int(line.removeprefix(f"{file}:").partition(":")[0]) for line in said] == lines


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_wrong_is_said_by_its_line_and_nothing_is_stored(place, tmp_path, name):
    content, wanted = REFUSED[name]
    file = tmp_path / name
    file.write_bytes(content)
    before = await place.stored()
    new = ("--venue", "New", "--city", "Ghent", "--country", "BE", "--timezone", "Europe/Brussels")
    told = await place.event_import(file, *WHOSE, *new)
    assert (told.code, told.out) == (1, "")
    assert f"{file}{wanted}" in told.err
    assert told.err.endswith("Nothing was stored.\n")
    assert "Traceback" not in told.err
    assert await place.stored() == before


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        (("--organisation", "nobody"), "There is no organisation nobody."),
        ((*WHOSE, "--venue", "Nowhere"), "has no venue Nowhere. It has Known Place. To make it"),
        (
            (*WHOSE, "--venue", "X", "--city", "Y", "--country", "xx", "--timezone", "Mars/Base"),
            "--country: Two capital letters",
        ),
    ],
)
async def test_a_place_that_is_not_there_is_named_and_nothing_is_stored(
    place, tmp_path, options, wanted
):
    file = tmp_path / "hall.csv"
    file.write_bytes(plans.CSV)
    known = ("--venue", "Known Place", "--city", "Ghent", "--country", "BE")
    made = await place.event_import(file, *WHOSE, *known, "--timezone", "Europe/Brussels")
    assert made.code == 0, made
    again = await place.event_import(file, *WHOSE, "--venue", "known place")
    venue = (await place.ask("SELECT id FROM catalog.venues"))[0][0]
    assert f'"venue_id": "{venue}"' in again.out
    before = await place.stored()
    told = await place.event_import(file, *options)
    assert (told.code, told.out) == (1, "")
    assert wanted in told.err
    assert await place.stored() == before


async def test_what_is_missing_is_named(place, tmp_path):
    file = tmp_path / "hall.csv"
    file.write_bytes(plans.CSV)
    nobodys = await place.event_import(file)
    assert (nobodys.code, "--organisation, or give --check" in nobodys.err) == (2, True)
    database = {"DATABASE_URL": place.environment["DATABASE_URL"]}
    told = await seatwright("event", "import", file, *WHOSE, environment=database)
    assert (told.code, "FILES_DIR=(unset)" in told.err) == (2, True)
    absent = await place.event_import(tmp_path / "none.csv", "--check")
    assert (absent.code, "No such file or directory" in absent.err) == (1, True)
    away = {**place.environment, "DATABASE_URL": "postgresql://127.0.0.1:1/none"}
    told = await seatwright("event", "import", file, *WHOSE, environment=away)
    assert (told.code, "Traceback" in told.err) == (1, False)


async def test_files_of_a_hundred_megabytes_are_not_read(place, tmp_path):
    file = tmp_path / "large.json"
    with file.open("wb") as large:
        large.truncate(100_000_000)
    told = await place.event_import(file, "--check")
    assert (told.code, "has more than 20 MB" in told.err) == (1, True)
