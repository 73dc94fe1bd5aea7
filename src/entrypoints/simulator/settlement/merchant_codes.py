"""By which codes the simulated bank knows the merchant: MID, terminal, and the code in its account's narrations."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from entrypoints.simulator.orders.instruments import Method

MID: Final = re.compile(r"[A-Z0-9]{4,15}", re.ASCII)
CODE: Final = re.compile(r"[A-Z0-9]{6}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantCodes:
    """The codes of one method; payments of one *mid* are settled together."""

    mid: str
    narration_code: str

    @property
    def terminal(self) -> str:
        """The terminal of card payments; the narration of their credits begins with it."""
        return f"00{self.narration_code}"


USUAL_CODES: Final[Mapping[Method, MerchantCodes]] = {
    Method.UPI: MerchantCodes(mid="SIM0001", narration_code="SIM001"),
    Method.CARD: MerchantCodes(mid="SIM9001", narration_code="SIMT90"),
    Method.NB: MerchantCodes(mid="SIM5001", narration_code="SIM501"),
}


def read_mid_codes(written: Iterable[str]) -> dict[Method, MerchantCodes]:
    """
    Return the codes of every method from ``METHOD=MID/CODE``, the usual ones for methods that are not named.

    Raises ``ValueError`` for another form, or for a MID or code that two methods share.
    """
    codes = dict(USUAL_CODES)
    for each in written:
        method, _, rest = each.partition("=")
        mid, _, code = rest.partition("/")
        if method not in set(Method):
            raise ValueError(f"the method is one of {', '.join(Method)}")
        if not MID.fullmatch(mid) or not CODE.fullmatch(code):
            raise ValueError("write it as METHOD=MID/CODE, such as UPI=SIM0001/SIM001")
        codes[Method(method)] = MerchantCodes(mid=mid, narration_code=code)
    for name in ("mid", "narration_code"):
        if len({getattr(each, name) for each in codes.values()}) < len(codes):
            raise ValueError("each method has a MID and a code of its own")
    return codes
