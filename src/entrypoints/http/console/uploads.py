"""What the two uploads of the console share: the file of a form, and how a refusal of it is told."""

from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final, Self, cast

from litestar import Request
from litestar.datastructures import UploadFile

from domain.errors import DomainError
from entrypoints.http import problem_types
from entrypoints.http.api.settlements import file_name, named_or_none
from entrypoints.http.pages.paying import problem_of
from entrypoints.http.problems import HttpProblem
from entrypoints.http.security.identity import Caller

FIELDS: Final = ("preset", "mid", "account", "sha256")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a form brings it, with what a person named beside it."""

    name: str
    file: UploadFile
    fields: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def of(cls, request: Request[Caller, Any, Any]) -> Self:
        """Return what the form holds, or raise ``HttpProblem`` when no file was chosen."""
        form = await request.form()
        sent = form.get("file")
        if not isinstance(sent, UploadFile) or not sent.filename:
            raise HttpProblem(problem_types.REQUEST_INVALID, "Choose a file.")
        return cls(file_name(sent.filename), sent, await typed(request))

    @property
    def content(self) -> BinaryIO:
        """The bytes; what is larger than a megabyte lies on disk, where the framework has put it."""
        return cast("BinaryIO", self.file.file)

    def named(self, name: str) -> str | None:
        """Return what a person named, None where nothing was."""
        return named_or_none(self.fields[name])


async def typed(request: Request[Caller, Any, Any]) -> dict[str, str]:
    """Return what was typed beside the file."""
    form = await request.form()
    said = {name: form.get(name, "") for name in FIELDS}
    return {name: value.strip() if isinstance(value, str) else "" for name, value in said.items()}


def told_of(refusal: DomainError | HttpProblem) -> str:
    """Return why a file is not taken; what is no fault of the file is raised again."""
    problem = problem_of(refusal)
    if problem.kind not in TOLD_AT_THE_FORM:
        raise refusal
    return problem.detail


TOLD_AT_THE_FORM: Final = frozenset(
    {
        problem_types.REQUEST_INVALID,
        problem_types.SETTLEMENT_FILE_REFUSED,
        problem_types.PREVIEW_DIFFERS,
    }
)
