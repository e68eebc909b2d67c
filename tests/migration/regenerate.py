"""
Write the first migration anew from the schema; only while nothing is released.

    python -m tests.migration.regenerate

Once a release exists its migrations are history, and a change is a migration of its own.
"""

from seatwright.run import migrations

FIRST = migrations.folder() / "migrations" / "0001_pre_begin.sql"
HEAD = """\
-- The schema as of the first release, after db/roles.sql. Until then it is written from db/schema/
-- by `python -m tests.migration.regenerate`; never by hand.
-- It makes tables that nobody uses yet, so nothing in it can block anybody:
-- squawk-ignore-file

"""


def first_migration() -> str:
    """The text it must have while nothing is released."""
    return HEAD + migrations.schema_sql()


if __name__ == "__main__":
    FIRST.write_text(first_migration())
