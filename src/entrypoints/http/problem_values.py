"""Every value that a member of a problem can have where it is one of a few words, with what it means."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, TypeVar

from domain.payments.dispute_state import DisputeState
from domain.payments.payment_state import State
from domain.payments.resolution import Resolution
from domain.reconciliation.discrepancy_state import DiscrepancyState
from domain.reconciliation.resolution import ResolutionAction
from domain.tax.gstin import GstinFault
from entrypoints.http import problem_types
from entrypoints.http.faults import FAULT_WORDS
from entrypoints.http.problem_types import ProblemType
from entrypoints.http.problems import DISCOUNT_WORDS, RETRY_WORDS
from ports.settlements.settlement_file_reader import FileRefusal

Word = TypeVar("Word", bound=StrEnum)
Values = Mapping[str, str]
"""By a value: what it means, or nothing where the word says it."""

FILE_WORDS: Final[Mapping[FileRefusal, str]] = MappingProxyType(
    {
        FileRefusal.TOO_LARGE: "The file has too many bytes.",
        FileRefusal.INFLATES_TOO_FAR: "The archive unpacks to too many bytes.",
        FileRefusal.TOO_MANY_ROWS: "It has too many rows.",
        FileRefusal.TOO_MANY_COLUMNS: "It has too many columns.",
        FileRefusal.TOO_MANY_SETTLEMENTS: "It is about too many settlements.",
        FileRefusal.CELL_TOO_LONG: "A cell or line is too long, or does not end.",
        FileRefusal.NAME_NOT_TAKEN: "Its name does not end as one of a kind that is read.",
        FileRefusal.WRONG_KIND: "Its content is of another kind than its name says.",
        FileRefusal.NOT_DECODED: "Its characters cannot be read.",
        FileRefusal.XML_WITH_DTD: "Its XML has a document type, which is not read.",
        FileRefusal.ENCRYPTED: "It is protected by a password.",
        FileRefusal.WITH_MACROS: "It has macros.",
        FileRefusal.DAMAGED: "It is damaged.",
        FileRefusal.NO_PRESET: "No preset reads it: no layout's columns are all there.",
        FileRefusal.SEVERAL_PRESETS: "Several presets read it: name one.",
        FileRefusal.PRESET_UNKNOWN: "There is no preset of this name.",
        FileRefusal.HEADER_REPEATED: "It has a column twice.",
        FileRefusal.NO_MERCHANT: "It does not say which MID it is about: name it.",
        FileRefusal.NO_ACCOUNT: "It does not say which account it is of: name it.",
        FileRefusal.ANOTHER_ACCOUNT: "It is of another account than was named.",
        FileRefusal.CURRENCY_NOT_INR: "An amount is in another currency than rupees.",
    }
)
CODE_WORDS: Final[Values] = MappingProxyType(
    {"wrong": "The code is wrong or too old.", "used": "The code was used before."}
)


def _plain(values: Iterable[StrEnum]) -> Values:
    return {each.value: "" for each in values}


def _worded(words: Mapping[Word, str]) -> Values:
    return {each.value: told for each, told in words.items()}


VALUES: Final[Mapping[ProblemType, Mapping[str, Values]]] = MappingProxyType(
    {
        problem_types.REQUEST_INVALID: {"code": _worded(FAULT_WORDS)},
        problem_types.DISCOUNT_REFUSED: {"reason": _worded(DISCOUNT_WORDS)},
        problem_types.RETRY_REFUSED: {"reason": _worded(RETRY_WORDS)},
        problem_types.GSTIN_INVALID: {
            "reason": {each.value: f"A GSTIN is refused: {each.words}." for each in GstinFault}
        },
        problem_types.SECOND_FACTOR_REFUSED: {"reason": CODE_WORDS},
        problem_types.SETTLEMENT_FILE_REFUSED: {"reason": _worded(FILE_WORDS)},
        problem_types.REFUND_DISPUTED: {"dispute_status": _plain(DisputeState)},
        problem_types.RESOLUTION_UNLAWFUL: {
            "payment_status": _plain(State),
            "lawful": _plain(Resolution),
        },
        problem_types.DISCREPANCY_STATE: {"state": _plain(DiscrepancyState)},
        problem_types.RESOLUTION_ACTION: {"lawful": _plain(ResolutionAction)},
    }
)
"""By the problem and its member; ``code`` stands in the items of ``errors``."""


def values_of(kind: ProblemType) -> Mapping[str, Values]:
    """Return the values of *kind*'s members, by the member."""
    return {
        member: {str(value): words for value, words in values.items()}
        for member, values in VALUES.get(kind, {}).items()
    }
