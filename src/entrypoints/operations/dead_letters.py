"""Outbox tasks that were given up: found, queued again, or closed; and refused webhooks, which are dismissed."""

from collections.abc import Collection, Sequence
from typing import Final

from domain.text.email_address import email_fault
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.notifications.email_sender import EmailRefused
from ports.notifications.outbox import DeadLetter, Outbox
from ports.payments.inbox import Inbox, RefusedWebhook

SHOWN_MAX: Final = 200


def find_dead_letters(settings: Settings) -> Sequence[DeadLetter]:
    """Return what was given up, oldest first, at most ``SHOWN_MAX``."""

    async def read(container: Shulk) -> Sequence[DeadLetter]:
        outbox: Outbox = container.storage.outbox()
        return await outbox.dead_letters(at_most=SHOWN_MAX)

    return run_in_container(settings, read)


def requeue_dead_letter(settings: Settings, line: int, email: str | None) -> DeadLetter:
    """Let the task be tried again, by email to *email* if one is given; raises ``EmailRefused``."""
    fault = None if email is None else email_fault(email, international_local=True)
    if fault is not None:
        raise EmailRefused(f"no email can be sent to this address: {fault}")

    async def tried(container: Shulk) -> DeadLetter:
        done: DeadLetter = (
            await container.use_cases()
            .notifications()
            .requeue_dead_letter()(line, BY_COMMAND, email=email)
        )
        return done

    return run_in_container(settings, tried)


def close_dead_letter(settings: Settings, line: int, why: str) -> DeadLetter:
    """Close the task undone."""

    async def closed(container: Shulk) -> DeadLetter:
        done: DeadLetter = (
            await container.use_cases().notifications().close_dead_letter()(line, why, BY_COMMAND)
        )
        return done

    return run_in_container(settings, closed)


def find_refused_webhooks(settings: Settings) -> Sequence[RefusedWebhook]:
    """Return the refused webhooks that nobody has dismissed, oldest first, at most ``SHOWN_MAX``."""

    async def read(container: Shulk) -> Sequence[RefusedWebhook]:
        inbox: Inbox = container.storage.inbox()
        return await inbox.refused(at_most=SHOWN_MAX)

    return run_in_container(settings, read)


def dismiss_webhooks(
    settings: Settings, webhooks: Collection[int], why: str
) -> Sequence[RefusedWebhook]:
    """Dismiss *webhooks*, by id."""

    async def dismissed(container: Shulk) -> Sequence[RefusedWebhook]:
        done: Sequence[RefusedWebhook] = (
            await container.use_cases()
            .notifications()
            .dismiss_webhooks()(webhooks, why, BY_COMMAND)
        )
        return done

    return run_in_container(settings, dismissed)
