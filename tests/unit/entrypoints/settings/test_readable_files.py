"""A list of files in a setting."""

from pathlib import Path

import pytest

from entrypoints.settings.readers import readable_files
from entrypoints.settings.values import SettingUnreadable


def test_files_are_named_with_commas(tmp_path: Path) -> None:
    """
    Each has to be there; none is no file.
    """
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.touch()
    two.touch()

    assert readable_files(f"{one}, {two}") == (one, two)
    assert readable_files(" ") == ()
    with pytest.raises(SettingUnreadable):
        readable_files(f"{one},{tmp_path / 'three.toml'}")
