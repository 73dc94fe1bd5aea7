"""What is true of all routes, written into the description after the framework has described each (OpenAPI 3.1)."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, fields
from http import HTTPStatus
from typing import Any, Final

from litestar.openapi import OpenAPIConfig
from litestar.openapi.spec import OpenAPI
from litestar.openapi.spec.base import BaseSchemaObject

from entrypoints.http import problem_types
from entrypoints.http.api_versions import API
from entrypoints.http.api_versions import HEADER as VERSION
from entrypoints.http.openapi_headers import (
    EVERYWHERE,
    RESPONSE_HEADERS,
    RETRY_AFTER,
    VERSION_PARAMETER,
    WHERE_COUNTED,
)
from entrypoints.http.problem_types import EXAMPLE_ADDRESS

METHODS: Final = ("get", "post", "put", "patch", "delete")
CHANGING: Final = frozenset(METHODS) - {"get"}
JSON: Final = "application/json"
FILES: Final = frozenset({"application/pdf", "application/octet-stream"})
SCHEMAS: Final = "#/components/schemas/"
HEADERS: Final = "#/components/headers/"
PROBLEM: Final = "ProblemAnswer"
"""What is answered with members that a problem may leave out."""

WANTED: Final = "Wanted"
"""Ends the name of what is sent where what is answered has the same members."""

RENAMED: Final = {
    "Account": "LedgerAccount",
    "Cause": "DiscrepancyCause",
    "Copy": "DocumentCopy",
    "Direction": "SettlementLineDirection",
    "LineType": "SettlementLineType",
    "Open": "OpenRefundState",
    "OpenDispute": "OpenDisputeState",
    "Owner": "DiscrepancyOwner",
    "Resolution": "ReviewResolution",
    "Severity": "AlertSeverity",
    "Source": "TimelineSource",
    "State": "PaymentState",
    "Unit": "AlertUnit",
}
"""Types that their package tells apart here, and a client by their name alone."""

TO_STUDENTS: Final = frozenset({"Payments", "Documents", "Session"})
"""Groups whose refusals a student may come to read."""

LANGUAGE: Final = {
    "name": "Accept-Language",
    "in": "header",
    "required": False,
    "description": "The language of what a student may read: `hi`, or else `en`.",
    "schema": {"type": "string", "examples": ["hi"]},
}
TO_WAIT: Final = {
    str(int(each)) for each in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
}
BUSY: Final = problem_types.KEY_BUSY.type_at(EXAMPLE_ADDRESS)


@dataclass
class Verbatim(BaseSchemaObject):
    """An example as it is: the framework would leave out each null, and an answer tells it."""

    value: Any = None

    def to_schema(self) -> Any:
        return self.value


@dataclass
class Document(OpenAPI):
    """The description; what it holds for all routes alike is added when it is written down."""

    def to_schema(self) -> dict[str, Any]:
        written: dict[str, Any] = super().to_schema()
        for path, method, operation in operations(written):
            _without_null(operation)
            if path.startswith(API):
                _name_version(operation)
            _tell_headers(operation)
            _ask_form_token(method, operation)
            _mark_files(operation)
            _ask_language(operation)
        _close_what_is_sent(written)
        _without_single_choices(written["components"]["schemas"])
        written["components"]["headers"] = deepcopy(RESPONSE_HEADERS)
        return _renamed(written)


@dataclass
class Description(OpenAPIConfig):
    """Makes a ``Document``."""

    def to_openapi_schema(self) -> OpenAPI:
        made = super().to_openapi_schema()
        return Document(**{each.name: getattr(made, each.name) for each in fields(made)})


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method and operation, in the order in which they are declared."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def names_in(part: Any) -> Iterator[str]:
    """Yield the names of the schemas that *part* refers to, perhaps more than once."""
    if isinstance(part, dict):
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.startswith(SCHEMAS):
            yield reference.removeprefix(SCHEMAS)
        for each in part.values():
            yield from names_in(each)
    elif isinstance(part, list):
        for each in part:
            yield from names_in(each)


def reached(schemas: dict[str, Any], part: Any) -> set[str]:
    """Return the names of all schemas that *part* is made of."""
    known: set[str] = set()
    left = set(names_in(part))
    while left:
        name = left.pop()
        known.add(name)
        left |= set(names_in(schemas[name])) - known
    return known


def _without_null(operation: dict[str, Any]) -> None:
    # A query or a header holds text: what is left out is left out, and has no null.
    for parameter in operation.get("parameters", ()):
        schema = parameter.get("schema", {})
        kinds = [each for each in schema.get("oneOf", ()) if each != {"type": "null"}]
        if len(kinds) == 1:
            del schema["oneOf"]
            only = kinds[0]
            parameter["schema"] = {"allOf": [only], **schema} if "$ref" in only else only | schema


def _without_single_choices(part: Any) -> None:
    # A member that may be missing is described as one of one kind.
    if isinstance(part, dict):
        if len(kinds := part.get("oneOf", ())) == 1:
            del part["oneOf"]
            part.update({"allOf": kinds} if "$ref" in kinds[0] else kinds[0] | part)
        for each in part.values():
            _without_single_choices(each)
    elif isinstance(part, list):
        for each in part:
            _without_single_choices(each)


def _name_version(operation: dict[str, Any]) -> None:
    """Say that a request may name the version, and that each answer does."""
    operation.setdefault("parameters", []).append(deepcopy(VERSION_PARAMETER))
    for answer in operation["responses"].values():
        answer["headers"] = answer.get("headers", {}) | {VERSION: {"$ref": HEADERS + VERSION}}


def _tell_headers(operation: dict[str, Any]) -> None:
    counted = str(int(HTTPStatus.TOO_MANY_REQUESTS)) in operation["responses"]
    for status, answer in operation["responses"].items():
        names = [*EVERYWHERE, *(WHERE_COUNTED if counted else ())]
        if status in TO_WAIT or BUSY in _problems_of(answer):
            names.append(RETRY_AFTER)
        told = {name: {"$ref": HEADERS + name} for name in names}
        answer["headers"] = _as_told(answer.get("headers", {})) | told


def _as_told(headers: dict[str, Any]) -> dict[str, Any]:
    # The framework writes members of a parameter into a header that have no meaning there (4.8.21).
    meaningless = {"allowEmptyValue", "allowReserved"}
    return {
        name: {key: value for key, value in said.items() if key not in meaningless}
        for name, said in headers.items()
    }


def _problems_of(answer: dict[str, Any]) -> Iterator[str]:
    for content in answer.get("content", {}).values():
        for example in content.get("examples", {}).values():
            if isinstance(example["value"], dict):
                yield example["value"].get("type", "")


def _ask_form_token(method: str, operation: dict[str, Any]) -> None:
    if method in CHANGING:
        for each in operation.get("security", ()):
            if "session" in each:
                each["form_token"] = []


def _mark_files(operation: dict[str, Any]) -> None:
    for answer in operation["responses"].values():
        for media, content in answer.get("content", {}).items():
            if media in FILES:
                content["schema"] = {"type": "string", "format": "binary"}


def _ask_language(operation: dict[str, Any]) -> None:
    if TO_STUDENTS.intersection(operation["tags"]):
        operation.setdefault("parameters", []).append(deepcopy(LANGUAGE))


def _close_what_is_sent(document: dict[str, Any]) -> None:
    """
    Say that a JSON body has no members but those that are described; any other is refused.

    What is answered stays open: members may be added to it within a version.
    """
    schemas = document["components"]["schemas"]
    bodies = [
        each["requestBody"]["content"][JSON]["schema"]
        for _, _, each in operations(document)
        if JSON in each.get("requestBody", {}).get("content", {})
    ]
    answered = reached(schemas, [each["responses"] for _, _, each in operations(document)])
    sent = sorted(name for name in reached(schemas, bodies) if "properties" in schemas[name])
    both = {name: name + WANTED for name in sent if name in answered}
    for name, own in both.items():
        schemas[own] = deepcopy(schemas[name]) | {"title": own}
    closed = [schemas[both.get(name, name)] for name in sent]
    for part in [*bodies, *closed]:
        _refer(part, both)
    for schema in closed:
        schema["additionalProperties"] = False
    # A problem has the members that its type speaks of, and each fault those that say where and what is taken.
    for name in answered - reached(schemas, [schemas[PROBLEM]]) - {PROBLEM}:
        # What has a default here is written out all the same: each member of an answer is there.
        if "properties" in schemas[name]:
            schemas[name]["required"] = sorted(schemas[name]["properties"])


def _renamed(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    known = {name: own for name, own in RENAMED.items() if name in schemas}
    for name, own in known.items():
        schemas[name]["title"] = own
    _refer(document, known)
    document["components"]["schemas"] = {
        known.get(name, name): schema
        for name, schema in sorted(schemas.items(), key=lambda each: known.get(each[0], each[0]))
    }
    return document


def _refer(part: Any, names: dict[str, str]) -> None:
    """Let each reference in *part* lead to the new name of what it names."""
    if isinstance(part, dict):
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.startswith(SCHEMAS):
            name = reference.removeprefix(SCHEMAS)
            part["$ref"] = SCHEMAS + names.get(name, name)
        for each in part.values():
            _refer(each, names)
    elif isinstance(part, list):
        for each in part:
            _refer(each, names)
