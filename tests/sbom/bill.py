"""The software bill of materials: what a host installs beside our code, as CycloneDX 1.6."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from sbom.pins import Pin, licence_of, needs_of, pins_of

ROOT: Final = Path(__file__).parents[2]
LOCK: Final = ROOT / "requirements" / "runtime.txt"
PROJECT: Final = ROOT / "pyproject.toml"
MARKER: Final = "shulk:installed-where"


def bill_of_materials(lock: str, project: str, at: datetime, *, fixed: bool) -> str:
    """
    Return the bill of what *lock* pins for *project*, the text of ``pyproject.toml``, as JSON of the instant *at*.

    With *fixed* its serial number is made of the two, so that the same input at the same instant is the same text.
    """
    told, pins = tomllib.loads(project), pins_of(lock)
    about = told["project"]
    ours = Component(
        name=about["name"],
        version=about["version"],
        description=about["description"],
        type=ComponentType.APPLICATION,
        bom_ref=about["name"],
    )
    bom = Bom(
        serial_number=_serial(lock, project) if fixed else uuid4(),
        metadata=BomMetaData(component=ours, timestamp=at),
    )
    components = {pin: _component(pin) for pin in pins}
    for each in components.values():
        bom.components.add(each)
    bom.register_dependency(ours, _named(_asked_by(told), components))
    for pin, component in components.items():
        package = pin.installed()
        needs = [] if package is None else list(needs_of(package))
        bom.register_dependency(component, _named(needs, components))
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


def _serial(lock: str, project: str) -> UUID:
    return uuid5(NAMESPACE_URL, sha256(f"{project}\0{lock}".encode()).hexdigest())


def _component(pin: Pin) -> Component:
    package = pin.installed()
    licence = "" if package is None else licence_of(package)
    return Component(
        name=pin.name,
        version=pin.version,
        type=ComponentType.LIBRARY,
        bom_ref=pin.purl,
        purl=PackageURL.from_string(pin.purl),
        licenses=[LicenseFactory().make_from_string(licence)] if licence else [],
        # One for each file that may be installed: an installation has one of them.
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=each) for each in pin.hashes],
        properties=[Property(name=MARKER, value=pin.marker)] if pin.marker else [],
    )


def _asked_by(told: Mapping[str, Any]) -> list[str]:
    """Return what the project asks for itself, with the extras and the group that `make lock` puts into the lock."""
    about = told["project"]
    extras = about["optional-dependencies"]
    asked = [*about["dependencies"], *extras["embedded"], *extras["tracing"]]
    asked += told["dependency-groups"]["build"]
    return [canonicalize_name(Requirement(each).name) for each in asked]


def _named(names: Sequence[str], components: Mapping[Pin, Component]) -> list[Component]:
    return [component for pin, component in components.items() if pin.name in names]
