"""Migrating brings a database to this release, whole migrations at a time, once."""

import asyncio

import asyncpg
import pytest

from seatwright.run import migrations
from seatwright.run.migrations import MigrationFailed, migrate
from tests.migration.catalog import differences, exists, noted, pictured


async def test_an_empty_database_gets_the_whole_schema_once(fresh):
    url, installed = await fresh(), await fresh()
    assert await migrate(url) == ["whole schema"]
    after_first = await pictured(url)
    assert await migrate(url) == []
    assert await migrate(url, phase="pre") == await migrate(url, phase="post") == []
    assert differences(after_first, await pictured(url)) == []
    await migrations.install(installed)
    assert differences(after_first, await pictured(installed)) == []
    assert await noted(url) == [migration.name for migration in migrations.known()]


async def test_a_later_migration_is_applied_once(fresh, release):
    url = await fresh()
    await migrate(url)
    (release / "0002_pre_add_seal.sql").write_text("CREATE TABLE entry.seals (id integer);")
    assert await migrate(url) == ["0002_pre_add_seal"]
    assert await exists(url, "entry.seals")
    assert await migrate(url) == []


async def test_a_migration_that_fails_leaves_nothing_and_stops_the_rest(fresh, release):
    url = await fresh()
    await migrate(url)
    before = await pictured(url)
    bad = release / "0002_pre_break.sql"
    bad.write_text("CREATE TABLE entry.half (id integer);\nSELECT 1 / 0;\n")
    (release / "0003_pre_later.sql").write_text("CREATE TABLE entry.later (id integer);")
    with pytest.raises(MigrationFailed, match="0002_pre_break"):
        await migrate(url)
    assert differences(before, await pictured(url)) == []
    assert not any("break" in name or "later" in name for name in await noted(url))
    bad.write_text("CREATE TABLE entry.half (id integer);")
    assert await migrate(url) == ["0002_pre_break", "0003_pre_later"]


async def test_what_was_applied_before_a_failure_stays(fresh, release):
    url = await fresh()
    await migrate(url)
    (release / "0002_pre_good.sql").write_text("CREATE TABLE entry.good (id integer);")
    (release / "0003_pre_bad.sql").write_text("SELECT 1 / 0;")
    for _ in range(2):
        with pytest.raises(MigrationFailed, match="0003_pre_bad"):
            await migrate(url)
    assert await exists(url, "entry.good")
    assert "0002_pre_good" in await noted(url)


async def test_pre_adds_before_a_release_and_post_removes_after_it(fresh, release):
    url = await fresh()
    await migrate(url)
    (release / "0002_post_drop_old.sql").write_text("DROP TABLE entry.swap;")
    (release / "0002_pre_add_new.sql").write_text("CREATE TABLE entry.swap (id integer);")
    assert await migrate(url, phase="pre") == ["0002_pre_add_new"]
    assert await exists(url, "entry.swap")
    assert await migrate(url, phase="pre") == []
    assert await migrate(url, phase="post") == ["0002_post_drop_old"]
    assert not await exists(url, "entry.swap")


async def test_of_one_number_pre_comes_before_post(fresh, release):
    url = await fresh()
    await migrate(url)
    (release / "0002_post_drop_old.sql").write_text("DROP TABLE entry.swap;")
    (release / "0002_pre_add_new.sql").write_text("CREATE TABLE entry.swap (id integer);")
    assert await migrate(url) == ["0002_pre_add_new", "0002_post_drop_old"]


async def test_two_that_migrate_at_once_take_turns(fresh, release):
    url = await fresh()
    got = await asyncio.gather(*(migrate(url) for _ in range(4)))
    assert sorted(got) == [[], [], [], ["whole schema"]]
    (release / "0002_pre_add_seal.sql").write_text("CREATE TABLE entry.seals (id integer);")
    got = await asyncio.gather(*(migrate(url) for _ in range(4)))
    assert sorted(got) == [[], [], [], ["0002_pre_add_seal"]]


async def test_a_sale_is_more_urgent_than_a_column(fresh, release, monkeypatch):
    monkeypatch.setattr(migrations, "_LOCK_TIMEOUT", "100ms")
    url = await fresh()
    await migrate(url)
    (release / "0002_pre_add.sql").write_text("ALTER TABLE orders.tickets ADD extra integer;")
    selling = await asyncpg.connect(url)
    async with selling.transaction():
        await selling.execute("LOCK TABLE orders.tickets IN ROW EXCLUSIVE MODE")
        with pytest.raises(MigrationFailed, match="lock"):
            await migrate(url)
    await selling.close()
    assert await migrate(url) == ["0002_pre_add"]


async def test_rights_of_roles_come_back_with_every_migration(fresh):
    url = await fresh()
    await migrate(url)
    connection = await asyncpg.connect(url)
    await connection.execute("REVOKE USAGE ON SCHEMA orders FROM seatwright_orders")
    await migrate(url)
    assert await connection.fetchval(
        "SELECT has_schema_privilege('seatwright_orders', 'orders', 'USAGE')"
    )
    await connection.close()


@pytest.mark.parametrize("name", ["2_pre_x.sql", "0002_mid_x.sql", "0002_pre_X.sql", "x.sql"])
def test_a_migration_with_another_name_is_a_mistake(release, name):
    (release / name).write_text("")
    with pytest.raises(AssertionError, match="0007_pre_add_channel"):
        migrations.known()


def test_numbers_are_given_once_for_each_phase():
    given = [(migration.number, migration.phase) for migration in migrations.known()]
    assert len(given) == len(set(given))
    assert sorted({number for number, _ in given}) == list(
        range(1, max(number for number, _ in given) + 1)
    )
