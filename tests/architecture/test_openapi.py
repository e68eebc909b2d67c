"""The description of the API is valid, complete, and does not change by accident."""

import copy
import json
import os
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
import schemathesis
from litestar import Litestar
from litestar.routes import HTTPRoute

from seatwright.catalog.domain import charts
from seatwright.kit.web import strict_json, suffixes
from seatwright.kit.web.description import generated
from seatwright.run import serving
from seatwright.run.assembly import Assembly
from seatwright.run.targets import SERVICES
from tests.architecture.house_rules import ROOT
from tests.unit.kit.asgi import ask

ROUTES = Path(__file__).parent / "routes.txt"
WRITE = "SEATWRIGHT_WRITE_ROUTES"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
DIALECT = "https://json-schema.org/draft/2020-12/schema"


@pytest.fixture(scope="module")
async def document(application) -> Any:
    answer = await ask(application, "GET", "/v1/openapi.json")
    assert answer.status == 200
    return answer.json()


def operations(document: Any):
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield method, path, item[method], item.get("parameters", [])


def resolved(document: Any, reference: str) -> Any:
    assert reference.startswith("#/"), reference
    found = document
    for step in reference[2:].split("/"):
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


def nodes(value: Any):
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def schemas(document: Any):
    yield from document.get("components", {}).get("schemas", {}).values()
    for node in nodes(document["paths"]):
        if isinstance(node.get("schema"), dict):
            yield node["schema"]


def check(document: Any) -> None:
    """Raise for a document that is no OpenAPI 3.1."""
    assert document["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(copy.deepcopy(document)).validate()
    for node in nodes(document):
        if isinstance(node.get("$ref"), str):
            resolved(document, node["$ref"])
    for schema in schemas(document):
        jsonschema_rs.meta.validate({"$schema": DIALECT} | schema)
    for method, path, operation, shared in operations(document):
        named = {
            one["name"]: one
            for one in (*shared, *operation.get("parameters", []))
            if one["in"] == "path"
        }
        assert set(named) == set(re.findall(r"{(\w+)}", path)), f"{method} {path}"
        assert all(one.get("required") for one in named.values()), f"{method} {path}"
    names = [operation["operationId"] for _, _, operation, _ in operations(document)]
    assert len(names) == len(set(names)), "an operation's id is its own"


def test_the_description_is_openapi(document):
    check(document)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.pop("info"),
        lambda d: next(operations(d))[2]["responses"].update({"200": {}}),
        lambda d: next(iter(d["components"]["schemas"].values())).update({"type": "objectt"}),
        lambda d: d["components"]["schemas"].pop(next(iter(d["components"]["schemas"]))),
        lambda d: d["paths"].update({"/v1/x/{y}": {"get": next(operations(d))[2]}}),
    ],
)
def test_a_description_that_is_not_valid_is_found(document, spoil):
    spoiled = copy.deepcopy(document)
    spoil(spoiled)
    with pytest.raises(Exception):  # noqa: B017  # each checker has its own
        check(spoiled)


def test_every_operation_says_what_it_does(document):
    silent = [
        f"{method.upper()} {path}"
        for method, path, operation, _ in operations(document)
        if not (operation.get("description") or operation.get("summary"))
    ]
    assert not silent


def test_a_parameter_is_of_one_kind_that_an_address_can_say(document):
    described = [
        (f"{method} {path} {one['name']}", one["schema"])
        for method, path, operation, _ in operations(document)
        for one in operation.get("parameters", ())
    ]
    assert len(described) > 50
    kinds = {"string", "integer", "number", "boolean"}
    assert [name for name, schema in described if schema.get("type") not in kinds] == []
    # Beside a type these would be another one, and no value is of two.
    assert [name for name, schema in described if {"oneOf", "anyOf", "allOf"} & set(schema)] == []


def test_an_answer_without_a_body_is_described_without_one(document):
    empty = [
        operation["responses"]["204"]
        for *_, operation, _ in operations(document)
        if "204" in operation["responses"]
    ]
    assert len(empty) > 5
    assert [one for one in empty if "content" in one] == []


def test_every_body_has_an_example_that_would_be_taken(document, built):
    routes = (route for part in built.parts.values() for route in part.routes)
    kinds = {
        (method.lower(), suffixes.outward(path)): handler.parsed_data_field.annotation
        for route in Litestar([*routes], openapi_config=None).routes
        if isinstance(route, HTTPRoute)
        for path in [route.path_format]
        for method, (handler, _) in route.route_handler_map.items()
        if handler.parsed_data_field is not None
    }
    without = []
    for method, path, operation, _ in operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            example = content.get("example")
            if example is None:
                without.append(f"{method.upper()} {path}")
                continue
            if (method, path) not in kinds:  # read by the handler itself, which the next test asks
                continue
            schema = {**content["schema"], "components": document["components"]}
            jsonschema_rs.validator_for(schema).validate(example)
            body = json.dumps(example).encode()
            strict_json.decode(body, msgspec.json.Decoder(kinds[method, path]))
    assert not without
    assert len(kinds) >= 20


def test_the_charts_that_are_shown_are_charts(document):
    body = document["paths"]["/v1/organisations/{org}/charts"]["post"]["requestBody"]["content"]
    draft = charts.read_chart(json.dumps(body["application/json"]["example"]).encode())
    assert charts.publish(draft).seat_count == 24
    listed = charts.read_chart(body["text/csv"]["example"].encode())
    assert charts.publish(listed).seat_count == 2


def test_every_address_is_of_this_version_and_in_kebab_case(document):
    for _, path, _, _ in operations(document):
        assert path.startswith("/v1/")
        for step in path.removeprefix("/v1/").split("/"):
            assert re.fullmatch(r"[a-z0-9.-]+|{\w+}(\.[a-z]+)?", step), path


def test_no_route_comes_or_goes_by_accident(document):
    found = sorted(f"{method.upper():<6} {path}" for method, path, _, _ in operations(document))
    found.sort(key=lambda line: line.split()[::-1])
    text = "\n".join(found) + "\n"
    if os.environ.get(WRITE):
        ROUTES.write_text(text)
    assert ROUTES.read_text() == text, f"meant so? {WRITE}=1 writes {ROUTES.relative_to(ROOT)}"


@pytest.fixture(scope="module")
def kept(built: Assembly) -> Any:
    """What the code says of the whole API; written down beside the code that serves it."""
    routes = [route for part in built.parts.values() for route in part.routes]
    made = generated(routes, version="of the release")
    text = json.dumps(made, indent=1, ensure_ascii=False) + "\n"
    if os.environ.get(WRITE):
        serving.DESCRIPTION.write_text(text)
    return made


def test_the_description_that_is_served_is_what_the_code_says(kept):
    assert json.loads(serving.DESCRIPTION.read_text()) == kept, f"{WRITE}=1 writes it again"


async def test_every_service_describes_the_whole_api_alone_or_with_others(built, kept):
    alone = [Assembly(name, built.tools, {name: part}) for name, part in built.parts.items()]
    for assembled in (built, *alone):
        answer = await ask(serving.application(assembled), "GET", "/v1/openapi.json")
        document = answer.json()
        assert len(document["paths"]) == len(kept["paths"]), assembled.target
        assert document == {**kept, "info": {**kept["info"], "version": serving.release()}}


@pytest.mark.parametrize("path", ["/v1/schema", "/v1/schema/openapi.json", "/schema/openapi.json"])
async def test_the_description_has_one_address(built, path):
    answer = await ask(serving.application(built), "GET", path)
    assert (answer.status, answer.code) == (404, "not_found")


def test_every_address_leads_to_the_service_that_answers_it(built):
    # The gateway asks the first service whose paths match; a wide path must not hide a narrow one.
    for name, part in built.parts.items():
        for route in part.routes:
            for path in route.paths:
                concrete = re.sub(r"{\w+:\w+}", "x1", suffixes.outward(path))
                first = next(
                    service.name
                    for service in SERVICES
                    if any(fnmatchcase(concrete, pattern) for pattern in service.paths)
                )
                assert first == name, f"{path} is asked of {first}"
