"""What the settings say of who is written to, and of where webhooks may go."""

import pytest

from entrypoints.settings.settings import load_settings
from entrypoints.wiring.container import build, close
from entrypoints.wiring.notifications import email_branding
from unit.entrypoints.settings.test_settings import EXAMPLE, PRODUCTION
from worlds.settings import settings_with


@pytest.mark.parametrize(
    ("environ", "anywhere"), [(PRODUCTION, False), (EXAMPLE, True)], ids=["production", "here"]
)
async def test_webhooks_reach_private_networks_in_development_alone(
    environ: dict[str, str], *, anywhere: bool
) -> None:
    """
    In production no such endpoint is added, and none that is there is called.
    """
    container = build(load_settings(environ))

    calls, adds = container.webhooks(), container.use_cases().webhooks().manage_endpoints()

    await close(container)
    assert calls.anywhere is anywhere
    assert adds.public is not anywhere


def test_an_email_names_the_seller_and_leads_to_the_course() -> None:
    """
    As the settings say; without an address of the courses it leads to none.
    """
    courses = "https://learn.example.com/c/{course_id}"
    settings = settings_with(course_url=courses)

    head = email_branding(settings)

    assert (head.seller_name, head.support_email, head.public_url) == (
        settings.seller_name,
        settings.seller_support_email,
        settings.public_url,
    )
    assert head.course_link("algebra") == "https://learn.example.com/c/algebra"
    assert email_branding(settings_with(course_url="")).course_link("algebra") is None
