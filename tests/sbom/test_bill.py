"""The software bill of materials names all that a host installs, and nothing of the machine that wrote it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from cyclonedx.schema import SchemaVersion

from sbom.__main__ import main
from sbom.bill import LOCK, PROJECT, ROOT, bill_of_materials
from sbom.pins import pins_of

AT: Final = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def written(*, fixed: bool = True) -> str:
    lock, project = LOCK.read_text(encoding="utf-8"), PROJECT.read_text(encoding="utf-8")
    return bill_of_materials(lock, project, AT, fixed=fixed)


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    """The bill of the lock as it stands."""
    read: dict[str, Any] = json.loads(written())
    return read


def test_it_is_what_the_standard_describes() -> None:
    """
    By the library's own schema of CycloneDX 1.6, strictly.
    """
    # It compiles grammars as it is imported, for longer than it takes to collect a thousand tests.
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written()) is None


def test_each_pin_is_in_it_with_each_of_its_hashes(bill: dict[str, Any]) -> None:
    """
    As the lines of the lock say, read here by other means; twice the same name is twice there.
    """
    lines = LOCK.read_text(encoding="utf-8").splitlines()
    names = [line.partition(" ")[0].partition("[")[0] for line in lines if "==" in line[:80]]
    named = [line.split()[0].partition("==") for line in lines if not line.startswith(" ")]
    hashes = {
        line.strip(" \\").removeprefix("--hash=sha256:") for line in lines if "--hash" in line
    }

    told = [(each["name"], each["version"]) for each in bill["components"]]
    assert sorted(told) == sorted((name.partition("[")[0], version) for name, _, version in named)
    assert len(told) == len(names) > 90
    assert {h["content"] for each in bill["components"] for h in each["hashes"]} == hashes


def test_it_is_about_us(bill: dict[str, Any]) -> None:
    """
    We are its root, everything hangs on it but what an extra of another package asks for, and licences are named.
    """
    ours = bill["metadata"]["component"]
    assert (ours["name"], ours["type"]) == ("shulk", "application")
    needs = {each["ref"]: each.get("dependsOn", []) for each in bill["dependencies"]}
    reached, left = set(), ["shulk"]
    while left:
        here = left.pop()
        if here not in reached:
            reached.add(here)
            left += needs[here]
    assert {each["bom-ref"] for each in bill["components"]} <= reached
    litestar = next(each for each in bill["components"] if each["name"] == "litestar")
    assert litestar["licenses"] == [{"license": {"id": "MIT"}}]
    without = [each["name"] for each in bill["components"] if "licenses" not in each]
    assert len(without) < len(bill["components"]) / 10


def test_where_a_part_is_installed_is_told(bill: dict[str, Any]) -> None:
    """
    One that only Windows needs is not looked for on a host with Linux.
    """
    (colours,) = [each for each in bill["components"] if each["name"] == "colorama"]
    assert [each["value"] for each in colours["properties"]] == ['sys_platform == "win32"']


def test_the_same_input_is_the_same_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    To the byte when the time is given; otherwise all but the serial number and the time.
    """
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1796040000")
    places = [tmp_path / "out" / f"{each}.json" for each in (1, 2)]
    for place in places:
        main(str(place))
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    main(str(tmp_path / "now.json"))

    first, second = (place.read_bytes() for place in places)
    assert first == second
    fixed, now = json.loads(first), json.loads((tmp_path / "now.json").read_bytes())
    assert fixed.pop("serialNumber") != now.pop("serialNumber")
    assert fixed["metadata"].pop("timestamp") != now["metadata"].pop("timestamp")
    assert fixed == now


def test_nothing_of_the_machine_is_in_it() -> None:
    """
    No folder, and no address but that of the schema: where packages come from is the operator's affair.
    """
    text = written()

    assert str(ROOT) not in text
    assert str(Path.home()) not in text
    assert text.count("://") == 1
    assert '"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json"' in text


def test_a_package_that_is_not_installed_has_no_licence() -> None:
    """
    Nor has one of another version: its metadata may say something else.
    """
    lines = f"litestar==0.0.1 \\\n    --hash=sha256:{'a' * 64}\nno-such-package==1.0 ; sys_platform == 'win32'\n"
    pins = pins_of(f"# a comment\n{lines}")

    assert [each.installed() for each in pins] == [None, None]
    assert pins[0].hashes == ("a" * 64,)
