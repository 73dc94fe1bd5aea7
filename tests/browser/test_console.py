"""The staff console in a browser: the door, and each page as staff walk through it."""

from playwright.async_api import expect

from browser.site import Site
from domain.staff.access import Role


async def test_the_door_of_the_console(site: Site) -> None:
    """
    Nobody is let in before the platform and a code say who it is; by keyboard alone, without a script.
    """
    seed = site.world.add_member("farhan", Role.FINANCE)
    await site.visit("/console")
    await expect(site.page.get_by_role("heading", name="Staff sign-in")).to_be_visible()
    await site.picture("console-nobody")

    await site.come_in("farhan", "finance")
    await expect(site.page.get_by_label("Code of six digits")).to_be_focused()
    await site.picture("console-code")
    await site.page.keyboard.type("000000")
    await site.page.keyboard.press("Enter")
    await expect(site.page.get_by_role("alert")).to_contain_text("wrong or too old")
    await site.picture("console-code-wrong")

    await site.page.keyboard.type(site.world.code(seed))
    await site.page.keyboard.press("Enter")
    await expect(site.page.get_by_role("heading", name="Good to see you, Farhan")).to_be_visible()
    await site.picture("console-start")

    await site.visit("/console/nothing")
    await site.picture("console-problem")
    await site.page.context.clear_cookies()
    await site.come_in()
    await site.visit("/console")
    await expect(site.page.get_by_role("heading", level=1)).to_have_text("Not allowed")
    await site.picture("console-not-allowed")
