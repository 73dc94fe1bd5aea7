"""Courses and discount codes on sale."""

from dependency_injector import containers, providers

from application.catalogue.replace_catalogue import ReplaceCourses, ReplaceDiscounts
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.clock import Clock


class Catalogue(containers.DeclarativeContainer):
    storage = NamedDependencies()
    clock: providers.Dependency[Clock] = providers.Dependency()

    replace_courses = providers.Singleton(ReplaceCourses, storage.catalogue, clock)
    replace_discounts = providers.Singleton(ReplaceDiscounts, storage.catalogue, clock)
