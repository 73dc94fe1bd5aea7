"""Refunds: requested, decided on, authorised, sent, and polled."""

from collections.abc import Callable

from dependency_injector import containers, providers

from application.order_status.read_order import ReadOrder
from application.refunds.authorise_refund import AuthoriseRefund
from application.refunds.decide_refund import ApproveRefund, RejectRefund
from application.refunds.lapse_requests import LapseRequests, RemindApprovers
from application.refunds.poll_refunds import PollRefunds
from application.refunds.request_refund import RequestRefund
from application.refunds.send_refund import SendRefund
from domain.identifiers import RefundId
from entrypoints.settings.settings import Settings
from entrypoints.wiring.gateway import call_max
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.alerts import Alerts
from ports.clock import Clock
from ports.payments.payment_gateway import PaymentGateway


class Refunds(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = NamedDependencies()
    order_status = NamedDependencies()
    staff = NamedDependencies()
    gateway: providers.Dependency[PaymentGateway] = providers.Dependency()
    read_order: providers.Dependency[ReadOrder] = providers.Dependency()
    alerts: providers.Dependency[Alerts] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()
    new_refund_id: providers.Dependency[Callable[[], RefundId]] = providers.Dependency()

    unit = storage.unit_of_work
    schedule = order_status.refund_polling_schedule

    send_refund = providers.Singleton(
        SendRefund, unit, gateway, read_order, order_status.apply_order_status, clock
    )
    request_refund = providers.Singleton(
        RequestRefund,
        unit_of_work=unit,
        send=send_refund,
        clock=clock,
        new_id=new_refund_id,
        approval_threshold=settings.provided.refund_approval_threshold,
        schedule=schedule,
    )
    approve_refund = providers.Singleton(
        ApproveRefund, unit_of_work=unit, send=send_refund, clock=clock, schedule=schedule
    )
    reject_refund = providers.Singleton(RejectRefund, unit_of_work=unit, clock=clock)
    authorise_refund = providers.Singleton(
        AuthoriseRefund,
        unit_of_work=unit,
        verify_totp=staff.verify_totp,
        request_refund=request_refund,
        approve_refund=approve_refund,
        reject_refund=reject_refund,
    )
    lapse_requests = providers.Singleton(
        LapseRequests,
        queries=storage.refund_queries,
        unit_of_work=unit,
        clock=clock,
        after=settings.provided.refund_approval_lapses_after,
    )
    remind_approvers = providers.Singleton(
        RemindApprovers,
        queries=storage.refund_queries,
        alerts=alerts,
        clock=clock,
        after=settings.provided.refund_approval_reminder_after,
        lapses_after=settings.provided.refund_approval_lapses_after,
    )
    poll_refunds = providers.Singleton(
        PollRefunds,
        refund_polls=storage.refund_polls,
        alerts=alerts,
        unit_of_work=unit,
        read_order=read_order,
        send=send_refund,
        apply=order_status.apply_order_status,
        clock=clock,
        lease=providers.Callable(call_max, settings),
    )
