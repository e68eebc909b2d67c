"""What a client may keep, and whether what it kept is still right."""

import re
from typing import Any

from litestar import Request, Response

# A shared cache in front may serve the same answer to a rush of visitors for a second.
EDGE_SECOND = "public, max-age=1, stale-while-revalidate=10"
FOR_EVER = "public, max-age=31536000, immutable"
_NOT_AT_ALL = re.compile(r"q=0(\.0{0,3})?")


def matches(request: Request[Any, Any, Any], etag: str) -> bool:
    """Whether `If-None-Match` names this ETag (weak comparison, RFC 9110 §13.1.2)."""
    given = request.headers.get("if-none-match")
    if given is None:
        return False
    plain = etag.removeprefix("W/")
    tags = (tag.strip().removeprefix("W/") for tag in given.split(","))
    return any(tag in ("*", plain) for tag in tags)


def answer(
    request: Request[Any, Any, Any],
    body: bytes,
    *,
    etag: str,
    media_type: str = "application/json",
    **headers: str,
) -> Response[bytes]:
    """The body, or 304 when the client has it; `headers` with `_` for `-`."""
    kept = {"ETag": etag, **{name.replace("_", "-"): value for name, value in headers.items()}}
    if matches(request, etag):
        return Response(b"", status_code=304, headers=kept)
    return Response(body, media_type=media_type, headers=kept)


def takes_gzip(request: Request[Any, Any, Any]) -> bool:
    """Whether the client takes a body in gzip (RFC 9110 §12.5.3)."""
    for part in request.headers.get("accept-encoding", "").split(","):
        coding, _, weight = part.partition(";")
        if coding.strip().lower() in ("gzip", "x-gzip"):
            return not _NOT_AT_ALL.fullmatch(weight.replace(" ", ""))
    return False
