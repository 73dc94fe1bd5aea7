"""What the command line shows of a list that storage gives page by page."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol, TypeVar

PAGE: Final = 200

Item_co = TypeVar("Item_co", covariant=True)
Cursor_co = TypeVar("Cursor_co", covariant=True)
Shown = TypeVar("Shown")
Place = TypeVar("Place")


class Page(Protocol[Item_co, Cursor_co]):
    """Some items in order; *next* is None on the last page."""

    @property
    def items(self) -> Sequence[Item_co]: ...

    @property
    def next(self) -> Cursor_co | None: ...


async def first_items(
    read: Callable[[Place | None, int], Awaitable[Page[Shown, Place]]], at_most: int
) -> Sequence[Shown]:
    """Return the first *at_most* items of all pages; *read* is given where to go on, and how many."""
    found: list[Shown] = []
    after: Place | None = None
    while len(found) < at_most:
        page = await read(after, min(PAGE, at_most - len(found)))
        found += page.items
        if (after := page.next) is None:
            break
    return found
