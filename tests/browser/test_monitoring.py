"""The console's monitoring in a browser: an alert is seen, taken on and silenced by what the page says alone."""

from datetime import timedelta

from playwright.async_api import expect

from browser.site import Site
from contracts.monitoring.payment_rollups_contract import entry, sold
from domain.payments.failure_reason import FailureReason
from domain.payments.payment_state import Event, State
from domain.staff.access import Role
from fakes.samples import payment_id
from ports.alerts import Alert, AlertKind

METHODS = ("UPI", "UPI", "CARD", "UPI", "NB")


async def trade(site: Site, payments: int) -> None:
    """Let payments end over the last day, one in four in vain, and count them."""
    store, now = site.world.memory.store, site.world.clock.now()
    for number in range(payments):
        failed = number % 4 == 3
        store.payments[payment_id(number)] = sold(number, method=METHODS[number % 5])
        reason = FailureReason.INSUFFICIENT_FUNDS if number % 8 == 3 else None
        store.audit.append(
            entry(
                number,
                State.FAILED if failed else State.SUCCESS,
                Event.BANK_DECLINED if failed else Event.BANK_CHARGED,
                at=now - timedelta(minutes=13 * number),
                failure=(reason or FailureReason.DECLINED_BY_BANK) if failed else None,
            )
        )
    await site.world.use_cases().monitoring().count_payments()()


async def test_an_alert_is_seen_and_silenced(site: Site) -> None:
    """
    With the figures of the day around it; support sees the same and answers nothing.
    """
    await site.into_console()
    await site.go_to("Monitoring")
    await expect(site.page.get_by_text("Nothing fires")).to_be_visible()
    await site.picture("console-monitoring-empty")

    await trade(site, 90)
    monitoring = site.world.use_cases().monitoring()
    raised = Alert(kind=AlertKind.SETTLEMENT_FILE_MISSING, subject="2026-08-02 mid 1")
    await site.world.memory.raised_alerts.keep(raised, site.world.clock.now())
    await monitoring.judge_alerts()()
    await site.page.get_by_role("link", name="7 days").click()
    await site.page.get_by_text("As a table").first.click()
    await site.picture("console-monitoring")

    await site.page.locator("summary", has_text="Silence").click()
    await site.page.get_by_label("For how long").select_option("4 hours")
    await site.page.get_by_label("Reason").fill("The bank sends it tonight")
    await site.picture("console-monitoring-silencing")
    await site.page.get_by_role("button", name="Silence").click()
    await expect(site.page.get_by_text("The bank sends it tonight")).to_be_visible()
    await site.page.locator("summary", has_text="Acknowledge").click()
    await site.page.get_by_role("button", name="I look at it").click()
    await expect(site.page.get_by_text("by staff:farhan")).to_have_count(2)
    await site.picture("console-monitoring-answered")

    await site.page.context.clear_cookies()
    await site.into_console("noor", Role.SUPPORT)
    await site.visit("/console/monitoring?range=30d")
    await expect(site.page.get_by_role("heading", name="Settlement file missing")).to_be_visible()
    await expect(site.page.get_by_role("button", name="Silence")).to_have_count(0)
