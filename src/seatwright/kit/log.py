"""
Structured logs: JSON lines in production, readable ones on a terminal.

One canonical line a request is written by `kit.web`; handlers add to it with `note`. Values
that are secrets never reach this module: fields whose names look like one are masked.
"""

import functools
import logging
import sys
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

import msgspec
import structlog

_SECRET_WORDS = ("secret", "password", "token", "authorization", "cookie", "grant", "api_key")
_canonical: ContextVar[dict[str, Any] | None] = ContextVar("canonical", default=None)

log: structlog.stdlib.BoundLogger = structlog.get_logger("seatwright")


def masked(
    _logger: object, _method: str, fields: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Replace the value of every field whose name says that it is a secret."""
    for name in fields:
        if _sounds_secret(name):
            fields[name] = "…"
    return fields


@functools.lru_cache(maxsize=1024)
def _sounds_secret(name: str) -> bool:
    lower = name.lower()
    return any(word in lower for word in _SECRET_WORDS)


def _json(fields: object, **_: object) -> str:
    # Ten times faster than the standard library, once for every request.
    return msgspec.json.encode(fields, enc_hook=repr).decode()


def configure(*, level: str, json_lines: bool, service: str) -> None:
    """Set the process's one log sink: standard error."""
    # Plain tracebacks: the pretty ones print local variables, and those hold credentials.
    renderer: Any = (
        structlog.processors.JSONRenderer(serializer=_json)
        if json_lines
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        masked,
    ]
    if json_lines:
        processors.append(structlog.processors.format_exc_info)
    structlog.configure(
        processors=[*processors, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[level.upper()]
        ),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)


def open_canonical() -> dict[str, Any]:
    """Begin the canonical line of a request; everything noted until its end lands in it."""
    line: dict[str, Any] = {}
    _canonical.set(line)
    return line


def note(**facts: Any) -> None:
    """
    Add facts to the current request's canonical line; outside a request, nothing.

    `event` is the log's own word for what happened: an event's id is `event_id`.
    """
    assert "event" not in facts, "say event_id"
    line = _canonical.get()
    if line is not None:
        line.update(facts)


def spent(engine: str, seconds: float) -> None:
    """Add `seconds` to what this request spent waiting for `engine` (`<engine>_ms`)."""
    line = _canonical.get()
    if line is not None:
        key = f"{engine}_ms"
        line[key] = round(line.get(key, 0.0) + seconds * 1000, 2)
