"""What runs is connected as itself, and no process holds the key to another's data."""

from seatwright.run.logins import SERVICES, role
from seatwright.run.targets import TARGETS
from tests.acceptance.house import House
from tests.acceptance.shop import Gala, Organiser, Shop

# Who checks is connected as the owner, but not by the socket.
OPEN = """
SELECT DISTINCT application_name AS program, usename::text AS login, rolsuper AS superuser
FROM pg_stat_activity JOIN pg_roles ON rolname = usename
WHERE client_addr IS NULL AND application_name LIKE 'seatwright%'
"""


async def test_every_connection_of_what_runs_is_by_its_services_own_login(
    house: House, shop: Shop, organiser: Organiser, gala: Gala
) -> None:
    order = await shop.bought(gala, gala.row(0)[:1])
    (ticket,) = await shop.until_tickets(order)
    assert (await organiser.scan(ticket["code"], gala)).ok()["result"] == "admitted"
    found = {(row["program"], row["login"]) for row in await house.sql(OPEN)}
    assert found == {(f"seatwright-{service}", role(service)) for service in SERVICES}
    assert not any(row["superuser"] for row in await house.sql(OPEN))


async def test_a_process_is_told_the_logins_of_its_own_services_only(house: House) -> None:
    targets = {one.name: one.target for one in house.installation.processes}
    for name, command in house.installation.engines.lifeline.commands.items():
        held = {word for word in command.env if word.startswith("DATABASE_URL")}
        services = TARGETS.get(targets.get(name, ""), ())
        assert held == {f"DATABASE_URL_{one.upper()}" for one in services if one in SERVICES}, name
        owners = house.installation.environment["DATABASE_URL"]
        assert owners not in command.env.values(), name
