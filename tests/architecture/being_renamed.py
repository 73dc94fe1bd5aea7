"""Names that still have to be renamed; nothing is added, and the list goes when it is empty."""

from typing import Final

BEING_RENAMED: Final[frozenset[str]] = frozenset()
