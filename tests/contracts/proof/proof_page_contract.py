"""What any page of a proof pack must do; run against the fake and against the one that people read."""

from dataclasses import replace
from html import escape

from ports.proof.proof_contents import ProofContents, ProofPage


class ProofPageContract:
    def test_it_says_what_matters(self, page: ProofPage, contents: ProofContents) -> None:
        """
        Which payment, how it stands, its documents and refunds, each file, and how all is verified.
        """
        shown = page.explain(contents, ["audit/0.json", "index.html", "ledger.json"]).decode()

        assert contents.payment.refunds
        assert contents.documents
        for said in (
            contents.payment.transaction_id,
            contents.payment.refunds[0].refund_id,
            str(contents.documents[0].registered.document.number),
            "audit",
            "ledger.json",
            "shulk proof verify",
        ):
            assert said in shown, said

    def test_it_is_the_same_each_time(self, page: ProofPage, contents: ProofContents) -> None:
        """
        Two packs of the same contents do not differ by it.
        """
        assert page.explain(contents, ["index.html"]) == page.explain(contents, ["index.html"])

    def test_what_others_wrote_is_text(self, page: ProofPage, contents: ProofContents) -> None:
        """
        No name becomes a part of the page, which has no script and loads nothing.
        """
        name = "<script>alert('अ')</script>"
        named = replace(contents, details=replace(contents.details, buyer_name=name))

        shown = page.explain(named, ["index.html"]).decode().lower()

        assert escape(name).replace("&#x27;", "&#39;") in shown.replace("&#x27;", "&#39;")
        assert not any(each in shown for each in ("<script", " src=", "href=", "url("))
