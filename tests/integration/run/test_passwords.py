"""New passwords of the database, as docs/operations/running.md has them."""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from seatwright.run import logins, rights
from seatwright.run.engines.ports import free_port
from seatwright.run.installation import Installation, Layout
from tests.architecture.house_rules import ROOT
from tests.integration.run.conftest import OUTSIDE
from tests.integration.run.terminal import seatwright

PAGE = (ROOT / "docs/operations/running.md").read_text()
OWNERS, SECOND = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def data() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="seatwright-passwords-"))
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


async def started(data: Path) -> Installation:
    layout = Layout(data=data, port=free_port(), environment=OUTSIDE)
    return await Installation.start_engines(layout, lambda _line: None)


def here(url: str, installation: Installation) -> str:
    """A login of another start at the server of this one."""
    place = urlsplit(installation.engines.addresses.database_url)
    login = urlsplit(url).netloc.rpartition("@")[0]
    return place._replace(netloc=f"{login}@{place.netloc.rpartition('@')[2]}").geturl()


async def let_in(url: str) -> bool:
    try:
        await (await asyncpg.connect(url)).close()
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        return False
    return True


def without(file: Path, *names: str) -> None:
    """Somebody deletes these entries."""
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({name: kept[name] for name in kept if name not in names}))


async def test_every_password_of_one_machine_is_made_anew(data):
    first = await started(data)
    addresses = first.engines.addresses
    old = logins.addresses(addresses.database_url, first.secrets.database_passwords)
    try:
        assert [await let_in(url) for url in old.values()] == [True] * len(logins.SERVICES)
        connection = await asyncpg.connect(addresses.database_url)
        await connection.execute(OWNERS)
        await connection.close()
    finally:
        await first.stop()
    without(data / "installation.json", "database_passwords")
    without(data / "secrets.json", "valkey", "nats", "feed")
    kept = json.loads((data / "secrets.json").read_text())
    (data / "secrets.json").write_text(json.dumps({**kept, "postgres": "NEW"}))

    second = await started(data)
    try:
        new = logins.addresses(
            second.engines.addresses.database_url, second.secrets.database_passwords
        )
        assert [await let_in(url) for url in new.values()] == [True] * len(logins.SERVICES)
        assert not any([await let_in(here(url, second)) for url in old.values()])
        assert not await let_in(here(addresses.database_url, second))
        for name in ("valkey_url", "valkey_cache_url", "nats_url"):
            before, after = getattr(addresses, name), getattr(second.engines.addresses, name)
            assert urlsplit(before).password != urlsplit(after).password
        assert second.secrets.master == first.secrets.master
    finally:
        await second.stop()


async def test_migrate_tells_the_server_new_passwords_and_a_second_login_bridges_the_gap(data):
    installation = await started(data)
    owners = installation.engines.addresses.database_url
    old = logins.addresses(owners, installation.secrets.database_passwords)
    new = logins.addresses(owners, {name: f"new {name}" for name in logins.SERVICES})
    try:
        before = await asyncpg.connect(old["orders"])
        told = await seatwright(
            "migrate", environment={"DATABASE_URL": owners, **logins.environment_of(new)}
        )
        assert (told.code, told.out, told.err) == (0, "Nothing to do.\n", "")
        assert await before.fetchval("SELECT 1") == 1, "what is open goes on"
        await before.close()
        assert not any([await let_in(url) for url in old.values()])
        assert all([await let_in(url) for url in new.values()])

        make, close = SECOND.strip().splitlines()
        connection = await asyncpg.connect(owners)
        await connection.execute(make)
        other = new["orders"].replace("seatwright_orders:new%20orders@", "orders_2:NEW@")
        both = {"orders": new["orders"]}, {"orders": other}
        for one in both:
            await (await rights.connect(one, "orders", connections_max=1)).close()
        await connection.execute(close)
        await connection.close()
        assert not await let_in(new["orders"])
        # Whoever migrates from now on leaves both as they are.
        again = {"DATABASE_URL": owners, **logins.environment_of({**new, "orders": other})}
        assert (await seatwright("migrate", environment=again)).code == 0
        assert not await let_in(new["orders"])
        await (await rights.connect({"orders": other}, "orders", connections_max=1)).close()
    finally:
        await installation.stop()
