"""What a database looks like from its own catalogue, in words that two databases can be held to."""

import asyncpg

OURS = """
    SELECT oid FROM pg_namespace
    WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'public')
        AND nspname NOT LIKE 'pg\\_temp%' AND nspname NOT LIKE 'pg\\_toast\\_temp%'
"""
# kind → a query of one text column, one row for each thing of that kind
QUESTIONS = {
    "schema": """
        SELECT nspname || ' ' || coalesce((
            SELECT string_agg(grantee::regrole || ' ' || privilege_type, ', ' ORDER BY 1)
            FROM aclexplode(nspacl) WHERE grantee <> nspowner), '')
        FROM pg_namespace WHERE oid IN (SELECT oid FROM ours)""",
    "relation": """
        SELECT format('%s %s %s %s', oid::regclass, relkind, relpersistence,
            (SELECT string_agg(o, ',' ORDER BY o) FROM unnest(reloptions) AS o))
        FROM pg_class WHERE relnamespace IN (SELECT oid FROM ours)""",
    "column": """
        SELECT format('%s.%s %s %s null=%s default=%s identity=%s generated=%s',
            attrelid::regclass, attname, format_type(atttypid, atttypmod),
            attcollation::regcollation, NOT attnotnull, pg_get_expr(adbin, adrelid), attidentity,
            attgenerated)
        FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        JOIN pg_class AS c ON c.oid = attrelid
        WHERE relnamespace IN (SELECT oid FROM ours) AND attnum > 0 AND NOT attisdropped""",
    "constraint": """
        SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace IN (SELECT oid FROM ours)""",
    "index": """
        SELECT pg_get_indexdef(indexrelid) || format(' valid=%s', indisvalid) FROM pg_index
        JOIN pg_class AS c ON c.oid = indexrelid WHERE relnamespace IN (SELECT oid FROM ours)""",
    "function": """
        SELECT pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace IN (SELECT oid FROM ours) AND prokind <> 'a'""",
    "trigger": """
        SELECT pg_get_triggerdef(t.oid) FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = tgrelid
        WHERE relnamespace IN (SELECT oid FROM ours) AND NOT tgisinternal""",
    "view": """
        SELECT oid::regclass || ' ' || pg_get_viewdef(oid) FROM pg_class
        WHERE relnamespace IN (SELECT oid FROM ours) AND relkind IN ('v', 'm')""",
    "type": """
        SELECT format('%s %s %s', t.oid::regtype, typtype, (
            SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum
            WHERE enumtypid = t.oid))
        FROM pg_type AS t WHERE typnamespace IN (SELECT oid FROM ours)""",
    "sequence": """
        SELECT format('%s %s start=%s by=%s min=%s max=%s cycle=%s', seqrelid::regclass,
            seqtypid::regtype, seqstart, seqincrement, seqmin, seqmax, seqcycle)
        FROM pg_sequence JOIN pg_class AS c ON c.oid = seqrelid
        WHERE relnamespace IN (SELECT oid FROM ours)""",
    "right": """
        SELECT format('%s %s %s grantable=%s', c.oid::regclass, grantee::regrole, privilege_type,
            is_grantable)
        FROM pg_class AS c, aclexplode(relacl)
        WHERE relnamespace IN (SELECT oid FROM ours) AND grantee <> relowner
        UNION ALL
        SELECT format('%s(%s) %s %s', attrelid::regclass, attname, grantee::regrole,
            privilege_type)
        FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid, aclexplode(attacl)
        WHERE relnamespace IN (SELECT oid FROM ours)
        UNION ALL
        SELECT format('%s %s %s', p.oid::regprocedure,
            CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END, privilege_type)
        FROM pg_proc AS p, aclexplode(coalesce(proacl, acldefault('f', proowner)))
        WHERE pronamespace IN (SELECT oid FROM ours) AND grantee <> proowner""",
    "extension": "SELECT extname || ' ' || extversion FROM pg_extension",
    "comment": """
        SELECT format('%s.%s %s', objoid::regclass, objsubid, description) FROM pg_description
        WHERE classoid = 'pg_class'::regclass
            AND objoid IN (SELECT oid FROM pg_class WHERE relnamespace IN (SELECT oid FROM ours))
        """,
}


async def pictured(url: str) -> dict[str, frozenset[str]]:
    """Everything of ours in the database, by kind; the order of columns does not count."""
    connection = await asyncpg.connect(url)
    try:
        return {
            kind: frozenset(
                row[0] for row in await connection.fetch(f"WITH ours AS ({OURS}) {question}")
            )
            for kind, question in QUESTIONS.items()
        }
    finally:
        await connection.close()


def differences(left: dict[str, frozenset[str]], right: dict[str, frozenset[str]]) -> list[str]:
    """One line for each thing that only one of the two has."""
    found = []
    for kind in QUESTIONS:
        found += [f"- {kind}: {thing}" for thing in sorted(left[kind] - right[kind])]
        found += [f"+ {kind}: {thing}" for thing in sorted(right[kind] - left[kind])]
    return found


async def noted(url: str) -> list[str]:
    """The migrations that the database says it has."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT name FROM public.seatwright_migrations ORDER BY name")
    finally:
        await connection.close()
    return [row["name"] for row in rows]


async def exists(url: str, name: str) -> bool:
    """Whether there is a relation of this name."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval("SELECT to_regclass($1)", name) is not None
    finally:
        await connection.close()
