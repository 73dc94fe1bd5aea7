"""The answers in the OpenAPI description: an example of each, and every problem by its name."""

from collections.abc import Mapping
from http import HTTPStatus
from itertools import groupby
from typing import Any, Final

from litestar import MediaType
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example

from entrypoints.http import problem_types
from entrypoints.http.error_responses import MEDIA_TYPE
from entrypoints.http.openapi_document import Verbatim
from entrypoints.http.problem_answer import ProblemAnswer
from entrypoints.http.problem_types import EXAMPLE_ADDRESS, ProblemType

SIGNED_IN: Final[list[dict[str, list[str]]]] = [{"bearer": []}, {"session": []}]
BY_KEY_TOO: Final[list[dict[str, list[str]]]] = [*SIGNED_IN, {"server_key": []}]
NO_CREDENTIALS: Final[list[dict[str, list[str]]]] = [{}]
BY_THE_BANK: Final[list[dict[str, list[str]]]] = [{"webhook": []}]

ALWAYS: Final = (
    problem_types.BODY_MALFORMED,
    problem_types.REQUEST_INVALID,
    problem_types.VERSION_UNKNOWN,
    problem_types.NOT_SIGNED_IN,
    problem_types.NOT_ALLOWED,
    problem_types.TOO_MANY_REQUESTS,
    problem_types.STORAGE_UNAVAILABLE,
    problem_types.PLATFORM_KEYS_UNAVAILABLE,
    problem_types.INTERNAL,
)
"""What every route behind a permission may answer besides its own."""

WITH_BODY: Final = (
    problem_types.UNSUPPORTED_MEDIA_TYPE,
    problem_types.BODY_TOO_LARGE,
    problem_types.BODY_TOO_SLOW,
    problem_types.CSRF_REFUSED,
    *ALWAYS,
)


def answers(
    success: HTTPStatus, model: type[Any], example: Any, *problems: ProblemType
) -> dict[int, ResponseSpec]:
    """Return the description of a route's answers."""
    said = {
        int(success): ResponseSpec(
            data_container=model,
            generate_examples=False,
            description=success.phrase,
            examples=[Example(summary="As it is answered", value=Verbatim(example))],
        )
    }
    return said | refusals(*problems)


def refusal_pages(*problems: ProblemType) -> dict[int, ResponseSpec]:
    """Return the description of *problems* where they are shown as pages."""
    return {
        status: ResponseSpec(
            data_container=str,
            generate_examples=False,
            description=said.description,
            media_type=MediaType.HTML,
            examples=[Example(summary="A page", value=f"<h1>{said.description}</h1>")],
        )
        for status, said in refusals(*problems).items()
    }


def refusals(*problems: ProblemType) -> dict[int, ResponseSpec]:
    """Return the description of *problems*, gathered by their status."""
    in_order = sorted(set(problems), key=lambda kind: (kind.status, kind.slug))
    return {
        int(status): _refusals_of_one_status(list(group))
        for status, group in groupby(in_order, key=lambda kind: kind.status)
    }


def _refusals_of_one_status(group: list[ProblemType]) -> ResponseSpec:
    return ResponseSpec(
        data_container=ProblemAnswer,
        generate_examples=False,
        description=" or ".join(kind.title for kind in group),
        media_type=MEDIA_TYPE,
        examples=[Example(summary=kind.title, value=_example(kind)) for kind in group],
    )


def _example(kind: ProblemType) -> Mapping[str, Any]:
    return {
        "type": kind.type_at(EXAMPLE_ADDRESS),
        "title": kind.title,
        "status": int(kind.status),
        "detail": kind.meaning,
        "request_id": "5f0c1b2a3d4e5f60",
    }
