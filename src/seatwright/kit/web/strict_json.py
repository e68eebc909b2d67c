"""
Request bodies: read strictly into the type that the handler declares.

Strict means: the right JSON types (no `"1"` for 1, no `true` for 1), no unknown fields, no
duplicate keys, no U+0000, bounded depth, and a body that says it is JSON.
"""

import json
import re
from typing import Any, ClassVar

import msgspec
from litestar.connection import ASGIConnection
from litestar.dto import AbstractDTO
from litestar.dto._backend import DTOBackend
from litestar.typing import FieldDefinition
from typing_extensions import override

from seatwright.kit import limits
from seatwright.kit.errors import Expected, Invalid, Problem, invalid
from seatwright.kit.web.wording import humane

NUL_CODE = "nul_character"
_AT = re.compile(r" - at `\$([^`]*)`$")
_STEP = re.compile(r"\.([A-Za-z_0-9]+)|\[(\d+|\.\.\.)\]")
_UNKNOWN_FIELD = re.compile(r"unknown field `([^`]*)`")
_MISSING_FIELD = re.compile(r"missing required field `([^`]*)`")
# A string runs to its end or, unterminated, to the end of the text, and is never looked at twice:
# with anything less, 80 KB of quotes kept a process busy for half a minute.
_DEPTH_MARKS = re.compile(rb'[\[\]{}]|"(?:[^"\\]++|\\.?)*+"?', re.DOTALL)

# The escape of U+0000, and not a backslash that stands for itself before "u0000".
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class NotJson(Expected):
    """The body's Content-Type is not JSON."""

    code = "unsupported_media_type"
    title = "Send JSON"


class StrictJson(AbstractDTO[Any]):
    """The application's body reader; the framework asks it for every `data` parameter."""

    _kinds: ClassVar[dict[str, Any]] = {}

    @classmethod
    @override
    def is_supported_model_type_field(cls, field_definition: FieldDefinition) -> bool:
        """Every declared body type is read here."""
        return True

    @classmethod
    @override
    def create_for_field_definition(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,
        backend_cls: type[DTOBackend] | None = None,
    ) -> None:
        """Remember which type a handler wants."""
        if field_definition.name == "data":
            cls._kinds[handler_id] = msgspec.json.Decoder(field_definition.annotation)

    @classmethod
    @override
    def create_openapi_schema(
        cls,
        field_definition: FieldDefinition,
        handler_id: str,
        schema_creator: Any,
    ) -> Any:
        """The schema is the type's own."""
        return schema_creator.for_field_definition(field_definition)

    @classmethod
    @override
    def generate_field_definitions(cls, model_type: type[Any]) -> Any:
        """Not used: types are decoded as they are."""
        return iter(())

    @classmethod
    @override
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:
        """Not used: types are decoded as they are."""
        return False

    def __init__(self, asgi_connection: ASGIConnection[Any, Any, Any, Any]) -> None:
        super().__init__(asgi_connection)

    @override
    def decode_bytes(self, value: bytes) -> Any:
        """The body as the handler's type; raises `Invalid` or `NotJson`."""
        content_type = self.asgi_connection.headers.get("content-type", "")
        if content_type.partition(";")[0].strip().lower() != "application/json":
            raise NotJson("The body must be JSON, with Content-Type: application/json.")
        return decode(value, self._kinds[self.asgi_connection.route_handler.handler_id])


def decode(raw: bytes, decoder: "msgspec.json.Decoder[Any]") -> Any:
    """The value in `raw`; raises `Invalid` with a JSON pointer."""
    _check_depth(raw)
    if _NUL.search(raw):
        # PostgreSQL keeps no such character; one in a batch would have cost its neighbours theirs.
        raise invalid("", NUL_CODE, "A text has the character U+0000 in it.")
    try:
        value = decoder.decode(raw)
        _check_duplicates(raw)
    except msgspec.ValidationError as fault:
        raise Invalid((_problem(str(fault)),)) from None
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise invalid("", "malformed_json", "The body is not well-formed JSON.") from None
    return value


def _check_depth(raw: bytes) -> None:
    if raw.count(b"[") + raw.count(b"{") <= limits.JSON_DEPTH_MAX:
        return
    depth = 0
    for mark in _DEPTH_MARKS.finditer(raw):
        if mark[0] in b"[{":
            depth += 1
            if depth > limits.JSON_DEPTH_MAX:
                raise invalid("", "too_deep", "The body is nested too deeply.")
        elif mark[0] in b"]}":
            depth -= 1


def _check_duplicates(raw: bytes) -> None:
    # A key that comes twice can mean one thing to a proxy and another to us. Two spellings (`a`,
    # `\u0061`) are one key, so only a second parse can tell; numbers are not converted in it.
    json.loads(raw, object_pairs_hook=_once, parse_int=str, parse_float=str)


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise invalid("", "duplicate_key", "A key appears twice in one object.")


def _problem(message: str) -> Problem:
    place = _AT.search(message)
    pointer = ""
    if place:
        steps = (key or index for key, index in _STEP.findall(place[1]))
        pointer = "".join(f"/{step}" for step in steps)
    words = _AT.sub("", message)
    if unknown := _UNKNOWN_FIELD.search(words):
        return Problem(f"{pointer}/{unknown[1]}", "unknown_field", "This field is not known here.")
    if missing := _MISSING_FIELD.search(words):
        return Problem(f"{pointer}/{missing[1]}", "required", "This field is required.")
    return Problem(pointer, "invalid", humane(words))
