"""From an empty installation that runs to an event on sale, by the commands operators have."""

import json
import stat

import asyncpg

from seatwright import cli
from seatwright.catalog.domain.charts import decode
from seatwright.kit.settings import read
from seatwright.run import standing, targets
from seatwright.run.installation import Installation
from tests.architecture.reference_code import _SETTINGS
from tests.integration.run import plans
from tests.integration.run.terminal import seatwright

OWNER = "ada@example.com"
PASSWORD = "four muddy boots by the door"


async def link_to(installation: Installation, address: str) -> str:
    connection = await asyncpg.connect(installation.engines.addresses.database_url)
    rows = await connection.fetch("SELECT payload FROM accounts.outbox ORDER BY id")
    await connection.close()
    letters = [json.loads(row["payload"]) for row in rows]
    (letter,) = [letter for letter in letters if letter["to"] == address]
    return str(letter["values"]["link"]).partition("#token=")[2]


async def test_an_empty_installation_comes_on_sale(installation, visitor, tmp_path):
    data = ("--data", installation.layout.data)
    made = await seatwright("organisation", "create", "Riverside Hall", "--owner", OWNER, *data)
    assert (made.code, made.err) == (0, "")
    assert f"owner {OWNER}" in made.out
    assert "register it at http://tickets.example.com/account/register" in made.out

    # The owner proves the address that was named, and may sell from then on.
    wish = {"email": OWNER, "password": PASSWORD, "name": "Ada Lovelace"}
    assert (await visitor.post("/v1/accounts", json=wish)).status_code == 202
    link = await link_to(installation, OWNER)
    assert (await visitor.put(f"/v1/email-verifications/{link}")).status_code == 200
    await visitor.post("/v1/sessions", json={"email": OWNER, "password": PASSWORD})

    file = tmp_path / "hall.csv"
    file.write_bytes(plans.CSV)
    place = ("--venue", "Riverside", "--city", "Ghent", "--country", "BE")
    told = await seatwright(
        "event", "import", file, "--organisation", "riverside-hall", *place,
        "--timezone", "Europe/Brussels", *data,
    )  # fmt: skip
    assert (told.code, told.err) == (0, "")
    body = json.loads(told.out[told.out.index("\n{") : told.out.rindex("\n}") + 2])
    site = next(word for word in told.out.split() if word.endswith("/events"))
    path = site.removeprefix("http://tickets.example.com")

    event = await visitor.post(path, json=body)
    assert event.status_code == 201, event.text
    published = await visitor.post(f"{path}/{event.json()['id']}/publications")
    assert (published.status_code, published.json()["state"]) == (201, "published")
    rebuilt = await seatwright("reservations", "rebuild", event.json()["id"], *data)
    assert (rebuilt.code, rebuilt.err) == (0, "")
    assert "filled, version" in rebuilt.out
    chart = decode((await visitor.get(f"/v1/charts/{body['chart']}")).content)
    assert [chart.seat_id(n) for n in range(3)] == ["A:1:1", "A:1:2", "A:1:3"]
    listed = await visitor.get(path.replace("/events", "/charts"))
    assert [one["publications"][0]["hash"] for one in listed.json()["items"]] == [body["chart"]]


async def test_commands_in_another_terminal_know_what_runs(installation):
    data = installation.layout.data
    letters = await seatwright("dead-letters", "--data", data)
    assert (letters.code, letters.out, letters.err) == (0, "0 dead letters\n", "")
    held = await seatwright("check", "--data", data)
    assert (held.code, held.err, held.out.splitlines()[-1]) == (0, "", "All of it holds.")
    breaks = await seatwright("breaks", "list", "--data", data)
    assert (breaks.code, breaks.out, breaks.err) == (0, "0 open breaks\n", "")
    unknown = await seatwright("reservations", "rebuild", "none", "--data", data)
    assert (unknown.code, "There is no such event" in unknown.err) == (1, True), unknown
    kept = data / "settings.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert read(json.loads(kept.read_text())) == read(installation.environment)


async def test_a_second_start_says_where_the_first_one_answers(installation):
    data = installation.layout.data
    told = await seatwright("demo", "--data", data, "--port", installation.layout.port)
    assert told.code == 1
    assert "Seatwright already runs here: http://tickets.example.com, process " in told.err


async def test_an_environment_that_names_another_installation_is_not_mixed_with_it(installation):
    data = installation.layout.data
    mine = standing.settings_of(data, {})
    assert mine["FILES_DIR"] == str(data / "files")
    theirs = {"DATABASE_URL": "postgresql://elsewhere.example.com/tickets"}
    assert standing.settings_of(data, theirs) == theirs
    # The same engines and more: said twice, or one thing otherwise.
    said = {"DATABASE_URL": mine["DATABASE_URL"], "LOG_LEVEL": "debug"}
    assert standing.settings_of(data, said) == {**mine, **said}


async def test_what_runs_no_more_is_not_known(tmp_path):
    (tmp_path / "settings.json").write_text('{"DATABASE_URL": "postgresql://gone"}')
    assert standing.settings_of(tmp_path, {}) == {}
    chart = tmp_path / "hall.csv"
    chart.write_text("section,row,seat,category\nA,1,1,a\n")
    for words in (
        ("organisation", "list"),
        ("demo", "load"),
        ("event", "import", chart, "--organisation", "hall"),
        ("dead-letters",),
        ("reservations", "rebuild", "none"),
        ("check",),
        ("breaks", "list"),
    ):
        told = await seatwright(*words, "--data", tmp_path)
        assert (told.code, told.out) == (1, "")
        assert f"Nothing runs on {tmp_path}. Start it with `bin/demo`" in told.err
        assert "or set DATABASE_URL." in told.err


def test_every_setting_is_kept():
    assert standing.names() == set(_SETTINGS)


def test_the_command_line_knows_every_target_without_loading_it():
    assert list(cli.TARGETS) == sorted(targets.TARGETS)
