"""A JSON body of our own API that can be read in one way only."""

import json
from typing import Any, Final

from litestar import Request
from litestar.serialization import decode_json
from litestar.types import Empty

from entrypoints.http import problem_types
from entrypoints.http.problems import HttpProblem

BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class JsonRequest(Request[Any, Any, Any]):
    """
    A request whose JSON has no key twice in one object (RFC 8259, 4): else each reader may take another.

    A byte order mark before it, which some editors and libraries write, is skipped (RFC 8259, 8.1).
    """

    @property
    def read_json(self) -> Any:
        """What the body was read as, ``Empty`` before that."""
        return self._connection_state.json

    async def json(self) -> Any:
        if self._json is Empty:
            body = (await self.body()).removeprefix(BYTE_ORDER_MARK) or b"null"
            decoded = decode_json(body, type_decoders=self.route_handler.resolve_type_decoders())
            json.loads(body, object_pairs_hook=_refuse_repeats)
            self._json = self._connection_state.json = decoded
        return self._json


def _refuse_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise HttpProblem(problem_types.BODY_MALFORMED, "The body holds a key twice.")
    return read
