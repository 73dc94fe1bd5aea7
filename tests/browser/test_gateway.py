"""The console's gateway configuration in a browser, as two administrators walk through it."""

from datetime import timedelta

from playwright.async_api import expect

from browser.site import Site
from domain.staff.access import Role


async def test_a_configuration_is_changed_by_two(site: Site) -> None:
    """
    Proposed with a fault told first, tested, approved by another administrator, and the old secrets ended.
    """
    page, world = site.page, site.world
    await site.into_console("zoya", Role.ADMIN)
    await site.go_to("Gateway")
    await expect(page.get_by_role("heading", name="In effect: version 0")).to_be_visible()
    await site.picture("console-gateway")
    await page.get_by_role("link", name="Change it").press("Enter")
    await page.get_by_label("Highest amount").fill("5,00,000.01")
    await page.get_by_label("Why").fill("A new password for webhooks")
    await page.get_by_role("button", name="Check it").press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("Highest amount")
    await site.picture("console-gateway-change")
    await page.get_by_label("Highest amount").fill("1,00,000.00")
    await page.get_by_role("checkbox", name="Wallets").uncheck()
    await page.get_by_label("Password of webhooks").fill("a-new-webhook-password")
    await page.get_by_role("button", name="Test what is typed").press("Enter")
    await expect(page.get_by_role("heading", name="Test of what stands below")).to_be_visible()
    await expect(page.get_by_text("Typed already")).to_be_visible()
    await site.picture("console-gateway-typed")
    await page.get_by_role("button", name="Check it").press("Enter")
    await expect(page.get_by_role("heading", name="Check and confirm")).to_be_visible()
    await site.picture("console-gateway-check")
    await fill_code(site, "zoya")
    await page.get_by_role("button", name="Propose it").press("Enter")
    await expect(page.get_by_text("Your own proposal")).to_be_visible()
    await site.picture("console-gateway-own")

    await page.get_by_role("button", name="Sign out").first.click()
    await site.into_console("anita", Role.ADMIN)
    await page.get_by_role("link", name="gateway configuration to approve").click()
    await page.get_by_role("button", name="Test this version").press("Enter")
    await expect(page.get_by_role("heading", name="Test of version 1")).to_be_visible()
    await page.get_by_label("Approve it").check()
    await page.get_by_label("Why").fill("Called the bank")
    await fill_code(site, "anita")
    await page.get_by_role("button", name="Do it").press("Enter")
    await expect(page.get_by_text("In effect from 3 August 2026")).to_be_visible()
    world.clock.at += timedelta(minutes=1)
    await page.reload()
    await expect(page.get_by_role("heading", name="Old secrets are still")).to_be_visible()
    await site.picture("console-gateway-old-secrets")
    await page.get_by_label("Why they are not needed any more").fill("The bank has switched")
    await fill_code(site, "anita")
    await page.get_by_role("button", name="End the old secrets now").press("Enter")
    await page.get_by_role("link", name="Go back to what the environment says").click()
    await expect(page.get_by_role("heading", name="Go back to version 0")).to_be_visible()
    await site.picture("console-gateway-back")


async def fill_code(site: Site, who: str) -> None:
    """Type the code that the app of *who* shows half a minute later."""
    site.world.clock.at += timedelta(seconds=30)
    code = site.world.code(site.world.seeds[who])
    await site.page.get_by_label("Code of six digits").fill(code)
