"""The tables as PostgreSQL describes them, and their page."""

from dataclasses import dataclass, field

import asyncpg

SERVICES = ("catalog", "accounts", "orders", "delivery", "entry")
NOTE = "<!-- Written by `python -m tests.architecture.reference`; do not edit. -->\n"
_COLUMNS = """
SELECT n.nspname AS service, c.relname AS name, a.attname AS column,
       format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS needed
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r' AND n.nspname = ANY($1)
ORDER BY array_position($1, n.nspname::text), c.oid, a.attnum
"""
_KEYS = """
SELECT n.nspname AS service, c.relname AS name, k.contype::text AS kind, f.relname AS target,
       array(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS part(number, place)
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = part.number
             ORDER BY part.place) AS columns
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class f ON f.oid = k.confrelid
WHERE n.nspname = ANY($1) AND k.contype IN ('p', 'f')
ORDER BY c.oid, k.conname
"""
_INDEXES = """
SELECT n.nspname AS service, c.relname AS name, i.relname AS index,
       x.indisunique AS alone, pg_get_indexdef(x.indexrelid) AS definition
FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
JOIN pg_class c ON c.oid = x.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY($1) AND NOT x.indisprimary
ORDER BY c.oid, i.relname
"""
_GRANTS = """
SELECT n.nspname AS service, c.relname AS name, g.privilege_type AS verb
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL aclexplode(c.relacl) AS g
JOIN pg_roles r ON r.oid = g.grantee
WHERE n.nspname = ANY($1) AND r.rolname = 'seatwright_' || n.nspname AND c.relkind = 'r'
ORDER BY array_position(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE'], g.privilege_type)
"""
HEAD = """\
The tables of an installation, as PostgreSQL describes them. Each service has a schema and a role
of its own; no statement and no key crosses schemas. The files behind it are `db/schema/*.sql`,
where every constraint and index says which query or race it serves.

![Tables and keys, a band for each service](../pictures/data-model.svg)

Solid: a foreign key. Dashed: the same `event_id` and `order_id` without a constraint, since rows of
an order are written together in one statement that compares its row counts.

What is not here: who holds which seat (Valkey, rebuilt from `orders.claims`), published events as
buyers read them (the bucket `events` of JetStream, rebuilt from `catalog.documents`), chart files
and pictures (`FILES_DIR`, named by their hash).
"""


@dataclass
class Table:
    """A table: columns as (name, type, needed), its primary key, what other columns point to."""

    service: str
    name: str
    columns: list[tuple[str, str, bool]] = field(default_factory=list)
    key: list[str] = field(default_factory=list)
    points_to: dict[str, str] = field(default_factory=dict)
    indexes: list[tuple[str, bool, str]] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)


async def read(connection: "asyncpg.Connection[asyncpg.Record]") -> list[Table]:
    """Every table of the services, in the schema files' order."""
    found: dict[tuple[str, str], Table] = {}
    wanted = list(SERVICES)
    for row in await connection.fetch(_COLUMNS, wanted):
        at = (row["service"], row["name"])
        table = found.setdefault(at, Table(*at))
        table.columns.append((row["column"], row["type"], row["needed"]))
    for row in await connection.fetch(_KEYS, wanted):
        table = found[row["service"], row["name"]]
        if row["kind"] == "p":
            table.key = row["columns"]
        else:
            table.points_to |= dict.fromkeys(row["columns"], row["target"])
    for row in await connection.fetch(_INDEXES, wanted):
        short = row["definition"].partition(" USING ")[2]
        found[row["service"], row["name"]].indexes.append((row["index"], row["alone"], short))
    for row in await connection.fetch(_GRANTS, wanted):
        found[row["service"], row["name"]].verbs.append(row["verb"])
    return list(found.values())


def data_model(tables: list[Table]) -> str:
    """The page."""
    lines = ["# Data model\n", NOTE, HEAD]
    for service in SERVICES:
        lines.append(f"## {service}\n")
        for table in (one for one in tables if one.service == service):
            lines += _table(table)
    return "\n".join(lines).rstrip() + "\n"


def _table(table: Table) -> list[str]:
    lines = [f"### {table.service}.{table.name}\n"]
    lines.append(f"`seatwright_{table.service}` may {', '.join(table.verbs)}.\n")
    lines += ["| Column | Type | |", "|---|---|---|"]
    for name, kind, needed in table.columns:
        words = []
        if name in table.key:
            words.append("key")
        elif not needed:
            words.append("may be NULL")
        if name in table.points_to:
            words.append(f"→ `{table.points_to[name]}`")
        lines.append(f"| `{name}` | {kind} | {', '.join(words)} |")
    if table.indexes:
        lines += ["", "Indexes:", ""]
        lines += [
            f"- `{name}`: {'unique, ' if alone else ''}`{definition}`"
            for name, alone, definition in table.indexes
        ]
    return [*lines, ""]
