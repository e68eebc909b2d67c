"""Refusals as RFC 9457 problems, and the one table that knows HTTP statuses."""

from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)

from seatwright.kit import errors
from seatwright.kit.log import log, note
from seatwright.kit.signing import BadToken
from seatwright.kit.web.strict_json import NotJson

MEDIA_TYPE = "application/problem+json"
_TYPE_PREFIX = "https://seatwright.dev/problems/"
RETRY_DEFAULT_S = 1

_STATUS: dict[type[errors.Expected], int] = {
    errors.Invalid: 422,
    BadToken: 422,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.Stale: 412,
    errors.TooMany: 429,
    errors.TooLarge: 413,
    errors.Unavailable: 503,
    errors.Unknown: 503,
}


class FieldProblem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong with the input, at a JSON pointer, a parameter's name or a line."""

    pointer: str
    code: str
    detail: str


class ProblemDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What every refusal looks like; `code` is stable, `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] | None = None
    retry_after_s: int | None = None
    seats: list[str] | None = None


def status_of(refusal: errors.Expected) -> int:
    """The HTTP status of a refusal: its own kind's, or its nearest ancestor's."""
    for kind in type(refusal).__mro__:
        if kind in _STATUS:
            return _STATUS[kind]
    return 400


def document(refusal: errors.Expected) -> dict[str, Any]:
    """The problem's JSON object."""
    content: dict[str, Any] = {
        "type": _TYPE_PREFIX + refusal.code,
        "title": refusal.title,
        "status": status_of(refusal),
        "detail": refusal.detail or refusal.title,
        "code": refusal.code,
    }
    for name, fact in refusal.facts.items():
        # A fact that is called like a field of every problem must not take its place.
        content.setdefault(name, fact)
    if isinstance(refusal, errors.Invalid):
        content["errors"] = [
            {"pointer": p.pointer, "code": p.code, "detail": p.detail} for p in refusal.problems
        ]
    return content


def response(refusal: errors.Expected) -> Response[bytes]:
    """The answer that tells the refusal."""
    content = document(refusal)
    headers = {"Cache-Control": "no-store"}
    if content["status"] in {429, 503} or "retry_after_s" in content:
        headers["Retry-After"] = str(content.setdefault("retry_after_s", RETRY_DEFAULT_S))
    if content["status"] == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="seatwright"'
    note(code=refusal.code)
    return Response(
        msgspec.json.encode(content),
        status_code=content["status"],
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def on_expected(_request: Request[Any, Any, Any], refusal: errors.Expected) -> Response[bytes]:
    """A refusal declared by a contract."""
    return response(refusal)


def on_framework(_request: Request[Any, Any, Any], fault: HTTPException) -> Response[bytes]:
    """What the framework refuses: unknown routes, wrong methods, malformed parameters."""
    return response(_translated(fault))


def on_fault(request: Request[Any, Any, Any], fault: Exception) -> Response[bytes]:
    """A bug. The caller learns nothing but the request id; the log has the story."""
    log.exception("request_fault", path=request.scope.get("path", ""), fault=repr(fault))
    content = {
        "type": _TYPE_PREFIX + "internal",
        "title": "Our fault",
        "status": 500,
        "detail": "Something went wrong on our side. Repeating the request is safe.",
        "code": "internal",
    }
    note(code="internal")
    return Response(msgspec.json.encode(content), status_code=500, media_type=MEDIA_TYPE)


class _MethodNotAllowed(errors.Expected):
    code = "method_not_allowed"
    title = "Method not allowed"


class _NoRoute(errors.NotFound):
    code = "not_found"


_STATUS[_MethodNotAllowed] = 405
_STATUS[NotJson] = 415


def _translated(fault: HTTPException) -> errors.Expected:
    if isinstance(fault, NotFoundException):
        return _NoRoute("There is nothing at this address.")
    if isinstance(fault, MethodNotAllowedException):
        return _MethodNotAllowed("This address does not take that method.")
    if isinstance(fault, ValidationException):
        return _invalid_parameters(fault)
    if fault.status_code == HTTPStatus.BAD_REQUEST:
        return errors.Invalid(detail="The request could not be read.")
    if fault.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return errors.TooLarge("The request is larger than this address takes.")
    return errors.Expected(fault.detail)


def _invalid_parameters(fault: ValidationException) -> errors.Invalid:
    extra = fault.extra if isinstance(fault.extra, list) else []
    if any(isinstance(item, dict) and item.get("key") == "data" for item in extra):
        return errors.invalid("", "required", "Send a JSON body.")
    problems = tuple(
        errors.Problem(
            f"?{item.get('key', '')}"
            if item.get("source") == "query"
            else str(item.get("key", "")),
            "invalid",
            str(item.get("message", "not valid")),
        )
        for item in extra
        if isinstance(item, dict)
    )
    return errors.Invalid(problems, detail="" if problems else "A parameter is not valid.")
