"""A release in two steps: what it adds before it, what it removes after it, and no other order."""

import asyncio

import asyncpg
import pytest

from seatwright.run import migrations
from seatwright.run.migrations import MigrationFailed, install, migrate
from tests.integration.run.terminal import seatwright
from tests.migration.catalog import differences, exists, noted, pictured

OLD, NEW = "ip_hash", "address_hash"
INSERT = "INSERT INTO audit (actor, action, {column}) VALUES ('test', 'looked', 'x')"


@pytest.fixture
def renaming(release):
    """The release after this one: a column of the audit log has another name."""

    def write():
        schema = release.parent / "schema" / "accounts.sql"
        text = schema.read_text()
        assert text.count(f"{OLD} text") == 1
        schema.write_text(text.replace(f"{OLD} text", f"{NEW} text"))
        (release / "0002_pre_add_address.sql").write_text(
            f'ALTER TABLE accounts.audit ADD {NEW} text COLLATE "C";'
        )
        (release / "0002_post_drop_ip.sql").write_text(f"ALTER TABLE accounts.audit DROP {OLD};")

    return write


async def as_service(url, statement):
    """Run a statement as accounts do."""
    settings = {"role": "seatwright_accounts", "search_path": "accounts"}
    connection = await asyncpg.connect(url, server_settings=settings)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def test_both_releases_run_between_the_steps_and_the_end_is_the_schema(fresh, renaming):
    url, new = await fresh(), await fresh()
    await migrate(url)
    await as_service(url, INSERT.format(column=OLD))
    renaming()
    await install(new)
    assert differences(await pictured(url), await pictured(new))

    assert await migrate(url, phase="pre") == ["0002_pre_add_address"]
    for column in (OLD, NEW):
        await as_service(url, INSERT.format(column=column))

    assert await migrate(url, phase="post") == ["0002_post_drop_ip"]
    await as_service(url, INSERT.format(column=NEW))
    with pytest.raises(asyncpg.UndefinedColumnError):
        await as_service(url, INSERT.format(column=OLD))
    assert differences(await pictured(url), await pictured(new)) == []
    assert await noted(url) == await noted(new)
    assert await migrate(url) == await migrate(new) == []


async def test_nothing_is_removed_before_the_new_is_there(fresh, renaming):
    url = await fresh()
    await migrate(url)
    renaming()
    before = await pictured(url)
    with pytest.raises(MigrationFailed, match="0002_post_drop_ip has to wait for 0002_pre_add"):
        await migrate(url, phase="post")
    assert differences(before, await pictured(url)) == []
    assert await migrate(url) == ["0002_pre_add_address", "0002_post_drop_ip"]


async def refused_untouched(url, words):
    before, names = await pictured(url), await noted(url)
    for phase in (None, "pre", "post"):
        with pytest.raises(MigrationFailed, match=words):
            await migrate(url, phase=phase)
    assert differences(before, await pictured(url)) == []
    assert await noted(url) == names


@pytest.mark.parametrize("name", ["0001_pre_begin", "0002_pre_add_address", "0002_post_drop_ip"])
async def test_a_file_that_was_changed_after_it_was_applied_is_refused(
    fresh, release, renaming, name
):
    url = await fresh()
    await migrate(url)
    renaming()
    await migrate(url)
    (release / "0003_pre_more.sql").write_text("CREATE TABLE entry.more (id integer);")
    text = (release / f"{name}.sql").read_text()
    (release / f"{name}.sql").write_text(text + "\n-- A word more.\n")
    await refused_untouched(url, f"{name} is not the text that was applied")
    (release / f"{name}.sql").write_text(text)
    assert await migrate(url) == ["0003_pre_more"]


@pytest.mark.parametrize("phase", ["pre", "post"])
async def test_a_file_that_comes_behind_a_later_one_is_refused(fresh, release, phase):
    url = await fresh()
    await migrate(url)
    (release / f"0003_{phase}_later.sql").write_text("CREATE TABLE entry.later (id integer);")
    await migrate(url)
    late = release / f"0002_{phase}_late.sql"
    late.write_text("CREATE TABLE entry.late (id integer);")
    await refused_untouched(url, f"0002_{phase}_late comes too late: 0003_{phase}_later")
    late.rename(release / f"0004_{phase}_late.sql")
    assert await migrate(url) == [f"0004_{phase}_late"]


async def test_an_older_release_goes_on_after_pre_and_is_refused_after_post(
    fresh, release, renaming
):
    url = await fresh()
    await migrate(url)
    older = {path.name: path.read_text() for path in release.iterdir()}
    renaming()
    newer = {path.name: path.read_text() for path in release.iterdir()}

    def lay_out(files):
        for path in release.iterdir():
            path.unlink()
        for name, text in files.items():
            (release / name).write_text(text)

    await migrate(url, phase="pre")
    lay_out(older)
    assert await migrate(url) == []
    lay_out(newer)
    assert await migrate(url, phase="post") == ["0002_post_drop_ip"]
    lay_out(older)
    await refused_untouched(url, "0002_post_drop_ip was applied by a later release")


async def test_a_database_from_before_digests_is_told_from_a_changed_file(fresh):
    url = await fresh()
    await migrate(url)
    connection = await asyncpg.connect(url)
    await connection.execute("ALTER TABLE public.seatwright_migrations DROP digest")
    await connection.close()
    with pytest.raises(MigrationFailed, match="begin with an empty one"):
        await migrate(url)


@pytest.mark.parametrize("phase", ["pre", "post"])
async def test_a_sale_goes_before_either_step(fresh, release, monkeypatch, phase):
    monkeypatch.setattr(migrations, "_LOCK_TIMEOUT", "100ms")
    url = await fresh()
    await migrate(url)
    change = {"pre": "ADD extra integer", "post": "DROP attendee"}[phase]
    (release / f"0002_{phase}_x.sql").write_text(f"ALTER TABLE orders.tickets {change};")
    before = await pictured(url)
    selling = await asyncpg.connect(url)
    async with selling.transaction():
        await selling.execute("LOCK TABLE orders.tickets IN ROW EXCLUSIVE MODE")
        with pytest.raises(MigrationFailed, match="lock"):
            await migrate(url, phase=phase)
        # Whoever sells has not waited behind it either.
        other = await asyncpg.connect(url)
        await other.fetch("SELECT FROM orders.tickets", timeout=5)
        await other.close()
    await selling.close()
    assert differences(before, await pictured(url)) == []
    assert await migrate(url, phase=phase) == [f"0002_{phase}_x"]


async def test_a_step_that_is_cut_off_leaves_nothing_and_is_done_again(fresh, release):
    url = await fresh()
    await migrate(url)
    migration = release / "0002_post_slow.sql"
    migration.write_text("CREATE TABLE entry.half (id integer); SELECT pg_sleep(60);")
    working = asyncio.ensure_future(migrate(url))
    killer = await asyncpg.connect(url)
    asleep = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
    asleep += " AND datname = current_database()"
    async with asyncio.timeout(20):
        while (pid := await killer.fetchval(asleep)) is None:
            await asyncio.sleep(0.02)
    await killer.execute("SELECT pg_terminate_backend($1)", pid)
    with pytest.raises(MigrationFailed, match="0002_post_slow"):
        await working
    await killer.close()
    assert not await exists(url, "entry.half")
    migration.write_text("CREATE TABLE entry.half (id integer);")
    assert await migrate(url) == ["0002_post_slow"]


async def test_the_command_says_what_it_did(fresh):
    url = {"DATABASE_URL": await fresh()}
    told = [await seatwright("migrate", environment=url) for _ in range(2)]
    told += [
        await seatwright("migrate", "--phase", name, environment=url) for name in ("pre", "post")
    ]
    assert [(one.code, one.out, one.err) for one in told] == [
        (0, "whole schema\n", ""), *[(0, "Nothing to do.\n", "")] * 3,
    ]  # fmt: skip
    away = await seatwright("migrate", environment={"DATABASE_URL": "postgresql://127.0.0.1:1/x"})
    assert (away.code, "Traceback" in away.err) == (1, False)
    assert "The database at DATABASE_URL cannot be used" in away.err
    nowhere = await seatwright("migrate")
    assert (nowhere.code, "DATABASE_URL=(unset)" in nowhere.err) == (2, True)
