"""What processes logged, read as an operator's tools read it: a line is a JSON object."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Logs:
    """Lines as written, from several processes."""

    written: tuple[str, ...]

    @classmethod
    def of(cls, files: Iterable[Path]) -> Self:
        return cls(
            tuple(
                line
                for file in files
                for line in file.read_text(encoding="utf-8").splitlines(keepends=True)
                # The last line may be only half written yet.
                if line.endswith("\n")
            )
        )

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Return every line as the object it is, or fail with one that is none."""
        return [self._object(line) for line in self.written]

    def lines_with(self, words: Iterable[str]) -> list[str]:
        """Return the lines that hold any of *words*, however it is written in JSON."""
        folded = [word.casefold() for word in words]
        return [line for line in self.written if any(word in _plain(line) for word in folded)]

    @staticmethod
    def _object(line: str) -> dict[str, Any]:
        try:
            read = json.loads(line)
        except ValueError:
            raise AssertionError(f"no JSON: {line!r}") from None
        assert isinstance(read, dict), line
        return read


def _plain(line: str) -> str:
    try:
        unescaped = json.dumps(json.loads(line), ensure_ascii=False)
    except ValueError:
        unescaped = ""
    return f"{line}\n{unescaped}".casefold()
