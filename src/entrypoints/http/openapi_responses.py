"""What the interface's description says of answers: one example for each, every problem by its name."""

from collections.abc import Mapping
from http import HTTPStatus
from itertools import groupby
from typing import Any, Final

from litestar import MediaType
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import Example

from entrypoints.http import problem_types as kinds
from entrypoints.http.api.wire import ProblemAnswer
from entrypoints.http.error_responses import MEDIA_TYPE
from entrypoints.http.problem_types import Kind

SIGNED_IN: Final[list[dict[str, list[str]]]] = [{"bearer": []}, {"session": []}]
NO_CREDENTIALS: Final[list[dict[str, list[str]]]] = [{}]
BY_THE_BANK: Final[list[dict[str, list[str]]]] = [{"webhook": []}]

ALWAYS: Final = (
    kinds.BODY_MALFORMED,
    kinds.NOT_SIGNED_IN,
    kinds.NOT_ALLOWED,
    kinds.TOO_MANY_REQUESTS,
    kinds.STORAGE_UNAVAILABLE,
    kinds.INTERNAL,
)
"""What every route behind a permission may answer besides its own."""

WITH_BODY: Final = (
    kinds.REQUEST_INVALID,
    kinds.UNSUPPORTED_MEDIA_TYPE,
    kinds.BODY_TOO_LARGE,
    kinds.CSRF_REFUSED,
    *ALWAYS,
)


def answers(
    success: HTTPStatus, model: type[Any], example: Any, *problems: Kind
) -> dict[int, ResponseSpec]:
    """Return the description of a route's answers."""
    said = {
        int(success): ResponseSpec(
            data_container=model,
            generate_examples=False,
            description=success.phrase,
            examples=[Example(summary="As it is answered", value=example)],
        )
    }
    return said | refusals(*problems)


def refusal_pages(*problems: Kind) -> dict[int, ResponseSpec]:
    """Return the description of *problems* where a person is shown them as pages."""
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


def refusals(*problems: Kind) -> dict[int, ResponseSpec]:
    """Return the description of *problems*, gathered by their status."""
    in_order = sorted(set(problems), key=lambda kind: (kind.status, kind.slug))
    return {
        int(status): _refusals_of_one_status(list(group))
        for status, group in groupby(in_order, key=lambda kind: kind.status)
    }


def _refusals_of_one_status(group: list[Kind]) -> ResponseSpec:
    return ResponseSpec(
        data_container=ProblemAnswer,
        generate_examples=False,
        description=" or ".join(kind.title for kind in group),
        media_type=MEDIA_TYPE,
        examples=[Example(summary=kind.title, value=_example(kind)) for kind in group],
    )


def _example(kind: Kind) -> Mapping[str, Any]:
    return {
        "type": kind.type,
        "title": kind.title,
        "status": int(kind.status),
        "detail": kind.meaning,
    }
