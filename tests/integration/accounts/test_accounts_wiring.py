"""What accounts promise to the rest of the platform."""

import asyncio
import inspect
from pathlib import Path

import asyncpg
import msgspec
import pytest

from seatwright.accounts.domain.roles import SCOPES_OF, Role
from seatwright.accounts.service import sweep
from seatwright.accounts.store import QUERIES
from seatwright.contracts.accounts import Accounts, identify
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit import ids, rpc
from seatwright.kit.errors import Unauthenticated
from seatwright.kit.outbox import Relay
from tests.integration.accounts.house import PASSWORD, House

SOURCE = Path(inspect.getfile(sweep)).parents[1]


async def test_the_contract_answers_the_same_over_the_broker(house: House) -> None:
    org = f"org-{ids.short_id()}"
    _, browser = await house.appointed(Role.MANAGER, org)
    (session,) = [cookie.value or "" for cookie in browser.client.cookies.jar]
    body = {"name": "machine", "scopes": ["entry:scan"]}
    made = await browser.post(f"/v1/organisations/{org}/tokens", body)
    contract = rpc.Contract.of("accounts-tested", Accounts)
    near = house.desk.recogniser
    await rpc.Server(house.tools.broker, contract, near).start()
    far: Accounts = rpc.remote(house.tools.broker, contract)
    for accounts in (near, far):
        person = await identify(accounts, session=session, bearer=None)
        assert person is not None
        assert person.may("orders:read", OrganisationId(org))
        assert not person.may("members:write", OrganisationId(org))
        assert person.organisations == {org: SCOPES_OF[Role.MANAGER]}
        machine = await identify(accounts, session=None, bearer=made.json()["token"])
        assert machine is not None
        assert machine.person is None
        assert machine.may("entry:scan", OrganisationId(org))
        assert await identify(accounts, session=None, bearer=None) is None
        assert await identify(accounts, session="no such", bearer=None) is None
        with pytest.raises(Unauthenticated):
            await identify(accounts, session=session, bearer="sw_no_such")


async def test_letters_reach_the_queue_with_the_shape_that_delivery_reads(house: House) -> None:
    email = f"{ids.short_id()}@example.com"
    received: asyncio.Queue[bytes] = asyncio.Queue()

    async def take(message: object) -> None:
        await received.put(message.data)  # type: ignore[attr-defined]

    subscription = await house.tools.broker.client.subscribe("work.mail", cb=take)
    body = {"email": email, "password": PASSWORD, "name": "Ada"}
    await house.browser().post("/v1/accounts", body)
    relay = Relay(house.desk.database, house.tools.broker, "accounts")
    while await house.admin.fetchval("SELECT count(*) FROM accounts.outbox"):
        await relay.step()
    async with asyncio.timeout(5):
        while True:
            letter = msgspec.json.decode(await received.get())
            if letter["to"] == email:
                break
    await subscription.unsubscribe()
    assert letter.keys() == {"kind", "template", "to", "language", "values"}
    assert letter["kind"] == "mail"
    assert letter["values"].keys() == {"name", "link", "expires_at"}


async def test_what_has_ended_is_swept_and_nothing_else(house: House) -> None:
    email, pending = await house.person(), f"{ids.short_id()}@example.com"
    old = f"{ids.short_id()}@example.com"
    await house.logged_in(email)
    for address in (pending, old):
        body = {"email": address, "password": PASSWORD, "name": "Ada"}
        await house.browser().post("/v1/accounts", body)
    await house.admin.execute(
        "UPDATE accounts.registrations SET created_at = clock_timestamp() - interval '49 hours' "
        "WHERE email_key = $1",
        old,
    )
    await house.admin.execute(
        "UPDATE accounts.links SET expires_at = clock_timestamp() - interval '8 days' "
        "WHERE email_key = $1",
        old,
    )
    assert await sweep.sweep(house.desk.database) == sweep.IDLE
    for table, kept in (("registrations", 1), ("links", 1)):
        count = f"SELECT count(*) FROM accounts.{table} WHERE email_key = $1"
        assert await house.admin.fetchval(count, pending) == kept
        assert await house.admin.fetchval(count, old) == 0
    assert (await house.browser().log_in(email)).status_code == 201


async def test_the_services_role_may_not_rewrite_history(house: House) -> None:
    for statement in (
        "DELETE FROM audit",
        "UPDATE audit SET actor = 'somebody else'",
        "TRUNCATE audit",
        "DELETE FROM people",
        "DELETE FROM tokens",
        "DROP TABLE sessions",
        "CREATE TABLE accounts.mine (n int)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with house.desk.database.transaction() as writer:
                await writer.run(statement)


async def test_readiness_is_the_databases(house: House) -> None:
    assert {name: await check() for name, check in house.part.ready.items()} == {
        "accounts-postgres": True
    }


def test_every_query_is_asked_by_somebody() -> None:
    text = "\n".join(path.read_text() for path in (SOURCE / "store").glob("*.py"))
    unused = {name for name in QUERIES.names() if f'"{name}"' not in text}
    assert not unused
