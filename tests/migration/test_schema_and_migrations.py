"""The migrations in their order make the very schema that a new installation gets."""

import asyncpg
import pytest

from seatwright.run import migrations
from tests.migration.catalog import QUESTIONS, differences, pictured

HINT = "a change of the schema is a change of db/schema and a migration"


async def by_migrations(url: str) -> None:
    """As an installation that has lived through every release."""
    connection = await asyncpg.connect(url)
    await connection.execute((migrations.folder() / "roles.sql").read_text())
    for migration in migrations.known():
        async with connection.transaction():
            await connection.execute(migration.sql)
    await connection.close()


async def test_migrations_and_schema_make_the_same_database(fresh):
    new, old = await fresh(), await fresh()
    await migrations.install(new)
    await by_migrations(old)
    found = differences(await pictured(new), await pictured(old))
    assert not found, "\n".join([HINT, *found])


async def test_the_picture_shows_every_kind_of_thing_we_have(fresh):
    url = await fresh()
    await migrations.install(url)
    seen = await pictured(url)
    have = {kind for kind in QUESTIONS if seen[kind]}
    assert {
        "schema", "relation", "column", "constraint", "index", "function", "type", "sequence",
        "right",
    } <= have  # fmt: skip
    assert any("orders.claims" in thing for thing in seen["constraint"])


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("schema", "REVOKE USAGE ON SCHEMA orders FROM seatwright_orders"),
        ("relation", "ALTER TABLE orders.claims SET (fillfactor = 50)"),
        ("relation", "DROP TABLE orders.breaks"),
        ("column", "ALTER TABLE orders.tickets ALTER seq SET DEFAULT 2"),
        ("column", "ALTER TABLE orders.tickets ALTER attendee DROP NOT NULL"),
        ("column", "ALTER TABLE orders.tickets ADD extra integer"),
        ("column", "ALTER TABLE orders.tickets ALTER seq TYPE bigint"),
        ("column", 'ALTER TABLE orders.breaks ALTER kind TYPE text COLLATE "default"'),
        ("constraint", "ALTER TABLE orders.claims DROP CONSTRAINT claims_pkey"),
        ("constraint", "ALTER TABLE orders.tickets ADD CHECK (seat < 10)"),
        ("index", "DROP INDEX orders.one_live_ticket"),
        (
            "index",
            """DROP INDEX orders.one_live_ticket; CREATE UNIQUE INDEX one_live_ticket
            ON orders.tickets (event_id, seat) WHERE status = 'valid'""",
        ),
        (
            "function",
            """CREATE OR REPLACE FUNCTION orders.insist(truth boolean, what text) RETURNS boolean
            LANGUAGE sql IMMUTABLE AS 'SELECT true'""",
        ),
        ("right", "GRANT DELETE ON orders.tickets TO seatwright_orders"),
        ("right", "REVOKE INSERT ON orders.tickets FROM seatwright_orders"),
        ("right", "GRANT UPDATE (chart) ON orders.inventory TO seatwright_orders"),
        ("right", "REVOKE EXECUTE ON FUNCTION orders.insist(boolean, text) FROM PUBLIC"),
        (
            "trigger",
            """CREATE FUNCTION orders.f() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN RETURN NULL; END'; CREATE TRIGGER t AFTER INSERT ON orders.tickets
            FOR EACH ROW EXECUTE FUNCTION orders.f()""",
        ),
        ("view", "CREATE VIEW orders.v AS SELECT 1 AS one"),
        ("type", "CREATE TYPE orders.mood AS ENUM ('good')"),
        ("sequence", "ALTER TABLE orders.breaks ALTER id SET START WITH 7"),
        ("comment", "COMMENT ON TABLE orders.tickets IS 'x'"),
        ("extension", "CREATE EXTENSION pg_trgm"),
    ],
)
async def test_a_difference_of_any_kind_is_seen(fresh, kind, change):
    url = await fresh()
    await migrations.install(url)
    before = await pictured(url)
    connection = await asyncpg.connect(url)
    await connection.execute(change)
    await connection.close()
    found = differences(before, await pictured(url))
    assert any(line[2:].startswith(kind) for line in found), found


def test_every_kind_was_shown_to_be_seen():
    marks = test_a_difference_of_any_kind_is_seen.pytestmark
    (cases,) = [mark.args[1] for mark in marks if mark.name == "parametrize"]
    assert {kind for kind, _ in cases} == set(QUESTIONS)
