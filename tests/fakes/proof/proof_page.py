"""A page of a proof pack without any form."""

from collections.abc import Sequence
from html import escape

from ports.proof.proof_contents import ProofContents


class PlainProofPage:
    def explain(self, contents: ProofContents, files: Sequence[str]) -> bytes:
        told = [
            contents.payment.transaction_id,
            contents.payment.status,
            contents.details.buyer_name,
            *(str(each.registered.document.number) for each in contents.documents),
            *(refund.refund_id for refund in contents.payment.refunds),
            *sorted({name.partition("/")[0] for name in files}),
            "shulk proof verify",
        ]
        return "".join(f"<p>{escape(each)}</p>" for each in told).encode()
