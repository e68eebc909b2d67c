"""The API's description as OpenAPI 3.1, from what the framework makes of the handlers."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import msgspec
from litestar import Litestar
from litestar.openapi import OpenAPIConfig
from litestar.routes import HTTPRoute

from seatwright.kit.web import suffixes
from seatwright.kit.web.problems import MEDIA_TYPE, ProblemDocument
from seatwright.kit.web.strict_json import StrictJson

_REFUSAL = {"$ref": "#/components/responses/Refusal"}


class Description:
    """What `/v1/openapi.json` answers, in bytes that are made once."""

    def __init__(self, make: Callable[[], dict[str, Any]]) -> None:
        self._make = make

    @classmethod
    def of(cls, routes: Sequence[Any], *, version: str) -> "Description":
        """What these handlers say of themselves, read when somebody asks."""
        return cls(lambda: generated(routes, version=version))

    @classmethod
    def kept(cls, text: bytes, *, version: str) -> "Description":
        """A document that was made before, as that of this release."""

        def make() -> dict[str, Any]:
            document: dict[str, Any] = msgspec.json.decode(text)
            return {**document, "info": {**document["info"], "version": version}}

        return cls(make)

    @cached_property
    def document(self) -> bytes:
        """The JSON."""
        return msgspec.json.encode(self._make())


def generated(routes: Sequence[Any], *, version: str) -> dict[str, Any]:
    """
    The document of these handlers.

    The framework reads them for about a second: never while a process serves all of them.
    """
    reader = Litestar(
        route_handlers=[*routes],
        dto=StrictJson,
        return_dto=None,
        openapi_config=OpenAPIConfig(
            title="Seatwright",
            version=version,
            description="Reserved-seat ticketing. Refusals are RFC 9457 problems with a code.",
            use_handler_docstrings=True,
        ),
        logging_config=None,
    )
    document = described(reader.openapi_schema.to_schema())
    _show_examples(reader, document)
    # Statuses are numbers, and examples may be objects of the types they are examples of.
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return plain


def _show_examples(reader: Litestar, document: dict[str, Any]) -> None:
    """
    Beside each body, the `EXAMPLE` that its type carries.

    A route that reads its body itself says in `opt["takes"]` what it reads: media type → example.
    """
    for route in reader.routes:
        if not isinstance(route, HTTPRoute):
            continue
        item = document["paths"].get(suffixes.outward(route.path_format), {})
        for method, (handler, _) in route.route_handler_map.items():
            operation, body = item.get(method.lower(), {}), handler.parsed_data_field
            if files := handler.opt.get("takes"):
                content = {kind: {"schema": {}, "example": one} for kind, one in files.items()}
                operation["requestBody"] = {"content": content, "required": True}
            if handler.opt.get("empty_is_absent"):
                _allow_empty(operation)
            example = None if body is None else getattr(body.annotation, "EXAMPLE", None)
            if example is not None:
                for content in operation["requestBody"]["content"].values():
                    content["example"] = example


def _allow_empty(operation: dict[str, Any]) -> None:
    # The handler takes `?name=` for a parameter that was not sent.
    for parameter in operation["parameters"]:
        if parameter["in"] == "query":
            parameter["allowEmptyValue"] = True


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """
    The document with addresses as the outside writes them, and every header with a type.

    Each operation says that it may refuse: any 4xx, and 503, is a problem with a code. What is
    answered without a body is described without one.
    """
    paths = {suffixes.outward(path): item for path, item in schema["paths"].items()}
    for item in paths.values():
        for operation in item.values():
            if isinstance(operation, dict):
                _type_headers(operation)
                _type_parameters(operation)
                _empty_bodies(operation)
                _add_refusals(operation)
    return {**schema, "paths": paths, "components": _with_refusal(schema.get("components", {}))}


def _type_headers(operation: dict[str, Any]) -> None:
    # The framework leaves the type out of a header that a handler only documents.
    for response in operation.get("responses", {}).values():
        for header in response.get("headers", {}).values():
            header.setdefault("schema", {"type": "string"})


def _type_parameters(operation: dict[str, Any]) -> None:
    # The framework describes what may be left out as what may be `null`, which no address can say;
    # and a number that a handler reads itself as text that is a number, which nothing is.
    for parameter in operation.get("parameters", ()):
        schema = dict(parameter["schema"])
        kinds = [kind for kind in schema.pop("oneOf", ()) if kind != {"type": "null"}]
        if len(kinds) == 1:
            parameter["schema"] = {**kinds[0], **schema}


def _empty_bodies(operation: dict[str, Any]) -> None:
    # The framework describes a handler that answers nothing as one that answers `null`.
    for status, response in operation.get("responses", {}).items():
        if str(status) in {"204", "304"}:
            response.pop("content", None)


def _add_refusals(operation: dict[str, Any]) -> None:
    responses = operation.setdefault("responses", {})
    # The framework's own guess; its body is not one of ours.
    responses.pop("400", None)
    responses["4XX"] = responses["503"] = _REFUSAL


def _with_refusal(components: dict[str, Any]) -> dict[str, Any]:
    (problem,), parts = msgspec.json.schema_components(
        [ProblemDocument], ref_template="#/components/schemas/{name}"
    )
    refusal = {
        "description": "Refused: `code` is stable, `detail` is for people.",
        "content": {MEDIA_TYPE: {"schema": problem}},
    }
    return {
        **components,
        "schemas": {**components.get("schemas", {}), **parts},
        "responses": {**components.get("responses", {}), "Refusal": refusal},
    }
