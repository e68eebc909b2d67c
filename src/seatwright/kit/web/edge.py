"""
What happens to every request before and after its handler.

One canonical log line, one metric, a request id that is echoed, and a bound on the body: the
body is counted as it arrives, so a client that lies about its length gains nothing. An address with
the character U+0000 in it, which no store keeps, reaches no handler, nor does one that says a
parameter twice: it means one thing to us and may mean another to a cache in front of us.
"""

import functools
import re
from typing import Any
from urllib.parse import parse_qsl

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from prometheus_client import Histogram

from seatwright.kit import clock, errors, ids, limits, log, telemetry
from seatwright.kit.web import problems, suffixes
from seatwright.kit.web.strict_json import NUL_CODE

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_PERSONAL = b"no-store"
_NAME_SHOWN = 40


class Edge:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, *, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; anything but HTTP passes through."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        suffixes.turn_inward(scope)
        started = clock.monotonic()
        line = log.open_canonical()
        request_id = _given_id(scope["headers"]) or ids.sortable_id(10)
        outcome = {"status": 500}

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                outcome["status"] = message["status"]
                headers = list(message.get("headers", ()))
                headers.append((b"x-request-id", request_id.encode()))
                if not any(name == b"cache-control" for name, _ in headers):
                    # Nothing is cached by accident: a route that may be says so itself.
                    headers.append((b"cache-control", _PERSONAL))
                message["headers"] = headers
            await send(message)

        try:
            refusal = _refused(scope)
            if refusal is not None:
                await _refuse(refusal, answered)
            else:
                await self._app(scope, _bounded(scope, receive), answered)
        finally:
            self._record(scope, line, outcome["status"], request_id, clock.monotonic() - started)

    def _record(
        self, scope: HTTPScope, line: dict[str, Any], status: int, request_id: str, seconds: float
    ) -> None:
        handler: Any = scope.get("route_handler")
        route, secret_path = _route(handler) if handler is not None else ("unrouted", False)
        _observe(route, status // 100).observe(seconds)
        log.log.info(
            "request",
            service=self._service,
            method=scope["method"],
            path=route if secret_path else scope["path"][:200],
            route=route,
            status=status,
            ms=round(seconds * 1000, 2),
            request_id=request_id,
            **line,
        )


@functools.lru_cache(maxsize=1024)
def _route(handler: Any) -> tuple[str, bool]:
    # The second: a mailed link's secret stands in the path of its PUT; no log may keep it.
    paths = sorted(getattr(handler, "paths", None) or ("unrouted",))
    return paths[0], bool(getattr(handler, "opt", {}).get("secret_path"))


@functools.lru_cache(maxsize=4096)
def _observe(route: str, hundred: int) -> Histogram:
    return telemetry.REQUEST_SECONDS.labels(route, f"{hundred}xx")


def _refused(scope: HTTPScope) -> errors.Invalid | None:
    query = scope["query_string"]
    if "\0" in scope["path"] or b"%00" in query:
        return errors.invalid("", NUL_CODE, "The address has the character U+0000 in it.")
    if b"&" not in query:
        return None
    names: set[str] = set()
    for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name in names:
            return errors.invalid(f"?{name[:_NAME_SHOWN]}", "repeated", "Give this once.")
        names.add(name)
    return None


async def _refuse(refusal: errors.Invalid, send: Send) -> None:
    answer = problems.response(refusal)
    headers = [(b"content-type", problems.MEDIA_TYPE.encode())]
    headers.append((b"content-length", b"%d" % len(answer.content)))
    await send(
        {"type": "http.response.start", "status": answer.status_code or 422, "headers": headers}
    )
    await send({"type": "http.response.body", "body": answer.content, "more_body": False})


def _given_id(headers: Any) -> str | None:
    for name, value in headers:
        if name == b"x-request-id":
            text: str = value.decode("latin-1")
            return text if _REQUEST_ID.fullmatch(text) else None
    return None


def _bounded(scope: Scope, receive: Receive) -> Receive:
    # The ceiling for everybody; most addresses take far less, which their route says.
    limit = limits.UPLOAD_BYTES_MAX
    for name, value in scope["headers"]:
        if name == b"content-encoding" and value not in {b"", b"identity"}:
            # Nobody needs compressed requests, and a small one may unpack to anything.
            raise_it = errors.Expected("Send the body uncompressed.", code="content_encoding")
            return _refusing(raise_it)
    taken = 0

    async def bounded() -> Any:
        nonlocal taken
        message = await receive()
        if message["type"] == "http.request":
            taken += len(message.get("body", b""))
            if taken > limit:
                raise errors.TooLarge("The request is larger than this address takes.")
        return message

    return bounded


def _refusing(refusal: errors.Expected) -> Receive:
    async def refuse() -> Any:
        raise refusal

    return refuse
