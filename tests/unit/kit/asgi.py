"""An ASGI client on its own few lines: it may send what no decent client would."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar.types import ASGIApp


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json()["code"])

    @property
    def pointers(self) -> list[tuple[str, str]]:
        return [(found["pointer"], found["code"]) for found in self.json()["errors"]]


async def ask(
    app: ASGIApp,
    method: str,
    path: str,
    *,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
    chunks: Sequence[bytes] | None = None,
    content: Any = None,
    peer: str = "127.0.0.1",
) -> Answer:
    """One request of `peer`; `content` is sent as JSON, `chunks` as they are."""
    if content is not None:
        body = json.dumps(content).encode()
    waiting = list(chunks if chunks is not None else [body])
    scope = _scope(method, path, headers, has_body=bool(body or chunks))
    scope["client"] = (peer, 1)
    heard: list[Any] = []

    async def receive() -> Any:
        if not waiting:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        heard.append(message)

    await app(scope, receive, send)
    start = next(m for m in heard if m["type"] == "http.response.start")
    return Answer(
        start["status"],
        {k.decode().lower(): v.decode("latin-1") for k, v in start["headers"]},
        b"".join(m.get("body", b"") for m in heard if m["type"] == "http.response.body"),
    )


def _scope(method: str, path: str, headers: Sequence[tuple[str, str]], *, has_body: bool) -> Any:
    sent = [(k.lower().encode(), v.encode("latin-1")) for k, v in headers]
    if has_body and b"content-type" not in {name for name, _ in sent}:
        sent.append((b"content-type", b"application/json"))
    sent.append((b"host", b"tickets.example"))
    path, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": sent,
        "server": ("127.0.0.1", 80),
    }
