"""The typewriter of the tests and typst keep the contract of a renderer."""

import pytest

from adapters.typst.renderer import TypstRenderer
from contracts.documents.renderer_contract import RendererContract
from fakes.documents.document_renderer import Typewriter


class TestTypewriter(RendererContract):
    @pytest.fixture
    def renderer(self) -> Typewriter:
        return Typewriter()


class TestTypst(RendererContract):
    @pytest.fixture
    def renderer(self) -> TypstRenderer:
        return TypstRenderer("https://fees.example.com")
