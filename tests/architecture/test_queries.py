"""Every named statement is used, explained, and may be run by its service on our schema."""

import re
from pathlib import Path

import asyncpg
import pytest

from seatwright.kit import outbox
from seatwright.kit.postgres import Queries
from seatwright.run import migrations
from tests.architecture.house_rules import ROOT

SOURCE = ROOT / "src" / "seatwright"
FILES = sorted(SOURCE.rglob("queries.sql"))
USED = re.compile(r"\b(?:_Q|_SQL|_sql|QUERIES)\[\s*\"(\w+)\"\s*\]")
# Statements that are all run because their names begin so.
TOGETHER = {"orders/checking": "i_"}
RELAYED = re.findall(r"^CREATE TABLE (\w+)\.outbox\b", migrations.schema_sql(), re.MULTILINE)
RELAY = [outbox._LEASE, outbox._DELETE, outbox._RETURN, outbox._AGE]


def service(file: Path) -> str:
    return file.relative_to(SOURCE).parts[0]


def named(file: Path) -> dict[str, str]:
    found = Queries(file.read_text())
    return {name: found[name] for name in sorted(found.names())}


STATEMENTS = [
    pytest.param(service(file), text, id=f"{file.parent.relative_to(SOURCE)}:{name}")
    for file in FILES
    for name, text in named(file).items()
] + [
    pytest.param(name, text, id=f"{name}:outbox-{n}")
    for name in RELAYED
    for n, text in enumerate(RELAY)
]


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.parent.relative_to(SOURCE)))
def test_every_statement_is_used_and_every_use_is_one(file):
    used = {name for page in file.parent.rglob("*.py") for name in USED.findall(page.read_text())}
    prefix = TOGETHER.get(file.parent.relative_to(SOURCE).as_posix())
    together = {name for name in named(file) if prefix and name.startswith(prefix)}
    assert used | together == set(named(file))


@pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.parent.relative_to(SOURCE)))
def test_every_name_is_given_once(file):
    names = re.findall(r"^-- name: (\w+)\s*$", file.read_text(), re.MULTILINE)
    assert len(names) == len(set(names))
    assert len(names) == file.read_text().count("-- name:"), "a name that is not read as one"


async def explain(connection: asyncpg.Connection, role: str, statement: str) -> None:
    """Parse, plan and check the rights of a statement as a service, without running it."""
    await connection.execute(f"SET ROLE seatwright_{role}; SET search_path TO {role}")
    try:
        # Unlike PREPARE, this begins execution far enough for rights to be looked at.
        await connection.execute(f"EXPLAIN (GENERIC_PLAN) {statement}")
    finally:
        await connection.execute("RESET ROLE; RESET search_path")


@pytest.fixture(scope="module")
async def connection(installed_url):
    opened = await asyncpg.connect(installed_url)
    yield opened
    await opened.close()


@pytest.mark.parametrize(("role", "statement"), STATEMENTS)
async def test_a_service_may_run_its_statement_on_the_schema(connection, role, statement):
    await explain(connection, role, statement)


@pytest.mark.parametrize(
    ("role", "statement", "fault"),
    [
        ("orders", "DELETE FROM orders.tickets", asyncpg.InsufficientPrivilegeError),
        ("orders", "SELECT id FROM accounts.people", asyncpg.InsufficientPrivilegeError),
        ("entry", "SELECT id FROM orders.orders", asyncpg.InsufficientPrivilegeError),
        ("orders", "SELECT nothing FROM orders.orders", asyncpg.UndefinedColumnError),
        ("orders", "SELECT id FROM orders.nothing", asyncpg.UndefinedTableError),
        ("orders", "SELECT id FROM orders.orders WHERE id = $1 + 1", asyncpg.PostgresError),
    ],
)
async def test_a_statement_that_may_not_or_cannot_run_is_found(connection, role, statement, fault):
    with pytest.raises(fault):
        await explain(connection, role, statement)


@pytest.mark.parametrize("role", sorted({service(file) for file in FILES}))
async def test_a_service_owns_nothing_and_may_change_no_schema(connection, role):
    owned = await connection.fetchval(
        "SELECT count(*) FROM pg_class WHERE relowner = to_regrole($1)", f"seatwright_{role}"
    )
    assert owned == 0
    schemas = await connection.fetch(
        "SELECT nspname FROM pg_namespace WHERE has_schema_privilege($1, oid, 'CREATE')",
        f"seatwright_{role}",
    )
    assert schemas == []
    truncatable = await connection.fetch(
        "SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'p')"
        " AND has_table_privilege($1, oid, 'TRUNCATE, TRIGGER, REFERENCES, MAINTAIN')",
        f"seatwright_{role}",
    )
    assert truncatable == []


@pytest.mark.parametrize("role", sorted({service(file) for file in FILES}))
async def test_a_service_sees_no_table_of_another(connection, role):
    foreign = await connection.fetch(
        "SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n"
        " ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm')"
        " AND n.nspname <> $2 AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
        " AND has_table_privilege($1, c.oid, 'SELECT, INSERT, UPDATE, DELETE')",
        f"seatwright_{role}",
        role,
    )
    assert [row[0] for row in foreign] == []


async def test_every_right_that_is_granted_is_used(connection):
    # The least privilege: a right that no statement needs is one that only an intruder uses.
    rows = await connection.fetch(
        "SELECT grantee, table_schema, table_name, privilege_type"
        " FROM information_schema.role_table_grants"
        " WHERE grantee LIKE 'seatwright\\_%' AND privilege_type IN ('INSERT', 'DELETE', 'UPDATE')"
    )
    texts: dict[str, str] = {}
    for file in FILES:
        texts[service(file)] = texts.get(service(file), "") + file.read_text()
    unused = []
    for row in rows:
        role = row["grantee"].removeprefix("seatwright_")
        if row["table_name"] == "outbox":
            continue
        verb = {"INSERT": r"INSERT\s+INTO", "DELETE": r"DELETE\s+FROM", "UPDATE": "UPDATE"}
        table = rf"(?:{row['table_schema']}\.)?{row['table_name']}\b"
        text = texts.get(role, "")
        used = re.search(rf"{verb[row['privilege_type']]}\s+(?:ONLY\s+)?{table}", text)
        upsert = row["privilege_type"] == "UPDATE" and re.search(
            rf"INSERT\s+INTO\s+{table}[^;]*DO\s+UPDATE|{table}[^;]*FOR (?:NO KEY )?UPDATE", text
        )
        if not used and not upsert:
            unused.append(f"{role}: {row['privilege_type']} {row['table_name']}")
    assert not unused, unused
