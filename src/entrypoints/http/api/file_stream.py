"""A file that was written aside, sent piece by piece: whole before its first byte leaves."""

from collections.abc import AsyncIterator, Awaitable, Callable
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, cast

from litestar.response import Stream

IN_MEMORY_MAX: Final = 1024 * 1024
PIECE: Final = 64 * 1024
WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def streamed(
    write: Callable[[BinaryIO], Awaitable[object]], name: str, media_type: str
) -> Stream:
    """Return what *write* has written as a download with that *name*; what it raises is raised before any byte."""
    # A file that breaks off would look like a whole one.
    file = cast("BinaryIO", SpooledTemporaryFile(IN_MEMORY_MAX))  # noqa: SIM115  # closed with the answer
    try:
        await write(file)
    except BaseException:
        file.close()
        raise
    return Stream(
        _pieces(file),
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece
