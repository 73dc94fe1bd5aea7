"""Payments under review, as the command line lists and resolves them."""

from collections.abc import Sequence

from application.reviews.resolve_review import Resolved, ResolveReviewCommand
from domain.errors import NotFound
from domain.identifiers import PaymentId, is_payment_id
from domain.payments.order_facts import ReviewReason
from domain.payments.resolution import Resolution
from domain.staff.staff_member import StaffId
from entrypoints.operations.pages import Page, first_items
from entrypoints.operations.run_in_container import BY_COMMAND, run_in_container
from entrypoints.settings.settings import Settings
from entrypoints.wiring.container import Shulk
from ports.audit_log import Origin, Source
from ports.reviews.review_queries import ReviewCursor, ReviewedPayment, ReviewQueries


def find_reviews(settings: Settings, reason: str | None, at_most: int) -> Sequence[ReviewedPayment]:
    """Return at most so many payments under review, longest first, only those for *reason* when given."""

    async def read(container: Shulk) -> Sequence[ReviewedPayment]:
        queries: ReviewQueries = container.storage.review_queries()
        wanted = ReviewReason(reason) if reason else None

        async def page(
            after: ReviewCursor | None, at_most: int
        ) -> Page[ReviewedPayment, ReviewCursor]:
            return await queries.under_review(after=after, reason=wanted, at_most=at_most)

        return await first_items(page, at_most)

    return run_in_container(settings, read)


def resolve(
    settings: Settings,
    payment: str,
    *,
    review_reason: str,
    action: str,
    why: str,
    staff: str | None,
    code: str,
) -> Resolved:
    """Do *action* about one reason in the name of *staff*, or of the command line when it needs no code."""

    async def act(container: Shulk) -> Resolved:
        command = ResolveReviewCommand(
            payment=PaymentId(payment),
            review_reason=ReviewReason(review_reason),
            resolution=Resolution(action.replace("-", "_")),
            reason=why,
            staff=StaffId(staff or ""),
            origin=Origin(actor=f"staff:{staff}", source=Source.ADMIN) if staff else BY_COMMAND,
            code=code,
        )
        resolved: Resolved = await container.use_cases().reviews().resolve_review()(command)
        return resolved

    if not is_payment_id(payment):
        raise NotFound("payment", payment)
    return run_in_container(settings, act, asks_bank=True)
