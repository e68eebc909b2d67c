"""The page of every route, from the OpenAPI document."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from seatwright.run.targets import SERVICES

METHODS = ("get", "post", "put", "patch", "delete")
HEAD = """\
# The API

<!-- Written by `python -m tests.architecture.reference`; do not edit. -->

Every route, by the service that answers it. The same as a machine reads it:
`GET /v1/openapi.json` (OpenAPI 3.1). Bodies are JSON, charts files of their own kinds; a refusal is
`application/problem+json` ([every code](errors.md)). Instants are RFC 3339 in UTC, money is
`{"amount": minor units, "currency": "EUR"}`.

Who asks: a browser by its session cookie, a program by `Authorization: Bearer …`, a guest by the id
and the `hold_token` of a hold, and afterwards by the order's secret in `X-Order-Secret`. A token
does what its scopes say; to hold seats, to order and to pay it takes `orders:write`, for which
people and guests need no right at all.

To order and to pay takes an `Idempotency-Key`: sent again with the same body it is the same
request, and gets the same answer. To edit a venue, an event or the draft of a chart takes its
`ETag` in `If-Match`.
"""


def api(document: Any) -> str:
    """The whole page."""
    parts = [HEAD]
    for service in SERVICES:
        mine = [one for one in _operations(document) if _service(one[1]) == service.name]
        if not mine:
            continue
        parts += [f"\n## {service.name}\n", "| | | |", "|---|---|---|"]
        parts += [
            f"| {method.upper()} | `{path}` | {_first(operation)} → {_success(operation)} |"
            for method, path, operation in mine
        ]
        parts += [line for one in mine for line in _details(document, *one)]
    return "\n".join(parts) + "\n"


def _operations(document: Any) -> list[tuple[str, str, Any]]:
    return [
        (method, path, item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]


def _service(path: str) -> str:
    concrete = re.sub(r"{\w+}", "x1", path)
    return next(s.name for s in SERVICES if any(fnmatchcase(concrete, p) for p in s.paths))


def _first(operation: Any) -> str:
    return " ".join(operation["description"].split("\n\n")[0].split()).replace("|", "\\|")


def _success(operation: Any) -> str:
    return ", ".join(status for status in operation["responses"] if status < "400")


def _details(document: Any, method: str, path: str, operation: Any) -> Iterator[str]:
    rows = [
        (f"`{one['name']}` ({one['in']})", _kind(document, one.get("schema", {})),
         bool(one.get("required")), one.get("description", ""))
        for one in operation.get("parameters", []) if one["in"] != "path"
    ]  # fmt: skip
    rows += _body(document, operation)
    if not rows:
        return
    yield f"\n### {method.upper()} `{path}`\n"
    yield "| | | |"
    yield "|---|---|---|"
    for name, kind, required, words in rows:
        needed = "needed" if required else ""
        text = "; ".join(part for part in (needed, words.replace("\n", " ")) if part)
        yield f"| {name} | {kind} | {text} |".replace("  |", " |")


def _body(document: Any, operation: Any) -> list[tuple[str, str, bool, str]]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = _resolved(document, next(iter(content.values()))["schema"]) if content else {}
    needed = schema.get("required", [])
    return [
        (f"`{name}`", _kind(document, one), name in needed, one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    ]


def _resolved(document: Any, schema: Any) -> Any:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _kind(document: Any, schema: Any) -> str:
    """A schema in a few words: type, bounds, fields of an object one step down."""
    schema = _resolved(document, schema)
    for key in ("oneOf", "anyOf"):
        if key in schema:
            kinds = dict.fromkeys(_kind(document, one) for one in schema[key])
            return " or ".join(kind for kind in kinds if kind != "null")
    if "enum" in schema:
        return " / ".join(f"`{one}`" for one in schema["enum"] if one is not None)
    if "const" in schema:
        return f"`{schema['const']}`"
    kind = schema.get("type", "any")
    kind = " or ".join(one for one in kind if one != "null") if isinstance(kind, list) else kind
    if kind == "array":
        kind = f"list of {_kind(document, schema.get('items', {}))}"
    if kind == "object" and schema.get("properties"):
        return "object: " + ", ".join(f"`{name}`" for name in schema["properties"])
    return kind + _bounds(schema)


def _bounds(schema: Any) -> str:
    words = []
    for low, high, unit in (("minimum", "maximum", ""), ("minLength", "maxLength", " characters"),
                            ("minItems", "maxItems", " items")):  # fmt: skip
        least, most = (_whole(schema.get(key)) for key in (low, high))
        if least is not None and most is not None:
            words.append(f"{least} to {most}{unit}")
        elif most is not None:
            words.append(f"at most {most}{unit}")
        elif least is not None:
            words.append(f"at least {least}{unit}")
    return f", {', '.join(words)}" if words else ""


def _whole(number: float | None) -> float | None:
    return int(number) if number is not None and number == int(number) else number
