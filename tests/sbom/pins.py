"""The pins of a lock, and what the metadata of the installed packages says of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from typing import Final, Self

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
LICENCE_CHARS_MAX: Final = 100
"""A longer licence is its whole text, which is no name."""

OSI: Final = "License :: OSI Approved :: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One line of a lock: its files by their SHA-256, and the *marker* that says where it is installed."""

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @classmethod
    def parse(cls, line: str) -> Self:
        requirement = Requirement(line.partition("--hash=")[0].strip())
        (version,) = requirement.specifier
        return cls(
            name=canonicalize_name(requirement.name),
            version=version.version,
            marker=str(requirement.marker or ""),
            hashes=tuple(sorted(HASH.findall(line))),
        )

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"

    def installed(self) -> Distribution | None:
        """Return the package, None where this very version is not installed."""
        try:
            found = distribution(self.name)
        except PackageNotFoundError:
            return None
        return found if found.version == self.version else None


def pins_of(lock: str) -> list[Pin]:
    """Return the pins of *lock*, the text of a file of requirements with hashes."""
    lines = lock.replace("\\\n", " ").splitlines()
    return [Pin.parse(line) for line in lines if line.strip() and not line.startswith("#")]


def licence_of(package: Distribution) -> str:
    """Return how the metadata names the licence, an SPDX expression where it has one; empty for none."""
    expression = _stated(package, "License-Expression")
    named = _stated(package, "License")
    if named.upper() == "UNKNOWN" or "\n" in named or len(named) > LICENCE_CHARS_MAX:
        named = ""
    classified = [
        each.removeprefix(OSI)
        for each in package.metadata.get_all("Classifier", [])
        if each.startswith(OSI)
    ]
    return expression or named or " and ".join(sorted(classified))


def _stated(package: Distribution, field: str) -> str:
    return next(iter(package.metadata.get_all(field) or ()), "").strip()


def needs_of(package: Distribution) -> Iterator[str]:
    """Return the names of what *package* needs by itself, on any platform."""
    for each in package.requires or []:
        requirement = Requirement(each)
        if requirement.marker is None or "extra" not in str(requirement.marker):
            yield canonicalize_name(requirement.name)
