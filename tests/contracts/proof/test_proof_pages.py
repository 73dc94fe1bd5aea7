"""The page of a proof pack, ours and the fake, under one contract; and what only ours shows."""

from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
import pytest_asyncio

from adapters.proof_page.page import ABOUT, HtmlProofPage
from contracts.proof.proof_page_contract import ProofPageContract
from fakes.audit.checkpoint_signer import SIGNER
from fakes.proof.proof_page import PlainProofPage
from fakes.samples import BY_STAFF
from ports.proof.proof_contents import ProofContents, ProofPage
from worlds.memory import MemoryWorld
from worlds.proved_payment import proved_payment


class Kept(PlainProofPage):
    contents: ProofContents

    def explain(self, contents: ProofContents, files: object) -> bytes:
        assert set(ABOUT) == {_place(each) for each in files}  # type: ignore[attr-defined]
        self.contents = contents
        return b""


@pytest_asyncio.fixture
async def contents() -> AsyncIterator[ProofContents]:
    world, page = MemoryWorld(), Kept()
    payment = await proved_payment(world)
    use_cases: Any = world.wiring.container.use_cases
    world.wiring.replace((use_cases.audit.signer, SIGNER), (use_cases.proof_page, page))
    await world.use_cases.proof().make_proof()(payment.id, BytesIO(), BY_STAFF)
    yield page.contents
    world.close()


class TestPlainProofPage(ProofPageContract):
    @pytest.fixture
    def page(self) -> ProofPage:
        return PlainProofPage()


class TestHtmlProofPage(ProofPageContract):
    @pytest.fixture
    def page(self) -> ProofPage:
        return HtmlProofPage()

    def test_amounts_and_times_are_those_of_india(self, contents: ProofContents) -> None:
        """
        Rupees with their sign, and the time zone beside each instant.
        """
        shown = HtmlProofPage().explain(contents, ["index.html"]).decode()

        assert "₹1,180.00" in shown
        assert " IST" in shown
        assert "1 is not sealed yet" in shown

    def test_a_bare_payment_has_a_page(self, contents: ProofContents) -> None:
        """
        Without refunds, documents or lines; what was charged in another currency is told as it was.
        """
        payment = replace(contents.payment, refunds=(), captured_currency="USD", closed_at=None)
        bare = replace(
            contents,
            payment=payment,
            documents=(),
            lines=(),
            discrepancies=(),
            trail=[*contents.trail] * 100,
            sealed=900,
        )
        shown = HtmlProofPage().explain(bare, ["index.html"]).decode()

        assert "in hundredths of USD" in shown
        assert "The first 200 of" in shown
        assert "Tax documents" not in shown


def _place(name: str) -> str:
    folder, slash, _ = name.partition("/")
    return folder + slash if slash else name
