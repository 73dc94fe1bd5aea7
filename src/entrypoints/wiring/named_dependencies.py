"""Another container, of which a container of ours names what it needs."""

from typing import Any

from dependency_injector import providers


class NamedDependencies(providers.DependenciesContainer):
    """
    A container of which only those parts are known that were named.

    The library's own one makes a dependency of each part of the other container, named or not: with the storage
    in two dozen containers three quarters of all providers, which each start of a process and each command made
    for nothing. What is named later is found as before.
    """

    def _override_providers(self, container: Any) -> None:
        for name, dependency in self.providers.items():
            found = getattr(container, name)
            if dependency.last_overriding is not found:
                dependency.override(found)
