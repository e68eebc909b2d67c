"""Instants as the API writes them. Spelling one asks no clock, so domain code may, too."""

from datetime import UTC, datetime


def rfc3339(instant: datetime) -> str:
    """`2026-11-23T20:15:00.123Z`: milliseconds, UTC."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
