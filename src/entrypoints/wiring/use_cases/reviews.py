"""Reviews of payments: resolved by staff, who are reminded of them."""

from dependency_injector import containers, providers

from application.order_status.read_order import ReadOrder
from application.reviews.remind_disputes import RemindDisputes
from application.reviews.remind_reviews import RemindReviews
from application.reviews.resolve_review import ResolveReview
from entrypoints.settings.settings import Settings
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.alerts import Alerts
from ports.clock import Clock


class Reviews(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = NamedDependencies()
    order_status = NamedDependencies()
    refunds = NamedDependencies()
    staff = NamedDependencies()
    read_order: providers.Dependency[ReadOrder] = providers.Dependency()
    alerts: providers.Dependency[Alerts] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()

    resolve_review = providers.Singleton(
        ResolveReview,
        unit_of_work=storage.unit_of_work,
        verify_totp=staff.verify_totp,
        request_refund=refunds.request_refund,
        read_order=read_order,
        apply=order_status.apply_order_status,
        clock=clock,
    )
    remind_reviews = providers.Singleton(
        RemindReviews,
        queries=storage.review_queries,
        alerts=alerts,
        clock=clock,
        after=settings.provided.review_reminder_after,
    )
    remind_disputes = providers.Singleton(
        RemindDisputes,
        queries=storage.refund_queries,
        unit_of_work=storage.unit_of_work,
        alerts=alerts,
        clock=clock,
        before=settings.provided.dispute_alert_before,
    )
