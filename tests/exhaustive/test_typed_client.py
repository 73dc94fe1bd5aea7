"""The client that a generator makes of the description, and its use in docs/quickstart.md, read by mypy --strict."""

import json
from pathlib import Path

import pytest

from journeys.test_quickstart import CLIENT, ENDS_SECONDS_MAX, GENERATED, block, ran
from worlds.lent_apps import laid_out
from worlds.settings import settings_with


@pytest.mark.timeout(2 * ENDS_SECONDS_MAX)
async def test_a_generated_client_is_typed(tmp_path: Path) -> None:
    """
    The generator has nothing to warn of, and mypy nothing to say about what it made and how the page uses it.
    """
    described = laid_out(settings_with()).openapi_schema.to_schema()
    (tmp_path / "openapi.json").write_text(json.dumps(described), encoding="utf-8")
    # What formats the generated code is no part of the question.
    (tmp_path / "client.yml").write_text(
        block(CLIENT, "yaml") + "post_hooks: []\n", encoding="utf-8"
    )
    (tmp_path / "quickstart.py").write_text(block(CLIENT, "python"), encoding="utf-8")

    await ran(*GENERATED, "--path", "openapi.json", folder=tmp_path)
    said = await ran("mypy", "--strict", "shulk_client", "quickstart.py", folder=tmp_path)

    assert said.startswith("Success: no issues found")
