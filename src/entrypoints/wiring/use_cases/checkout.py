"""From the price to the bank's payment page."""

from collections.abc import Callable
from datetime import timedelta

from dependency_injector import containers, providers

from application.checkout.begin_payment import BeginPayment
from application.checkout.cancel_payment import CancelPayment
from application.checkout.create_session import CreateSession
from application.checkout.forget_keys import ForgetKeys
from application.checkout.initiate_payment import InitiatePayment
from application.checkout.quote_course import QuoteCourse
from application.checkout.record_refusal import RecordRefusal
from application.checkout.retry_payment import RetryPayment
from application.gateway_config.current_configuration import CurrentConfiguration
from application.order_status.read_order import ReadOrder
from domain.identifiers import PaymentId
from domain.payments.consent import PrivacyNotice
from entrypoints.settings.settings import Settings
from entrypoints.wiring.gateway import call_max
from entrypoints.wiring.named_dependencies import NamedDependencies
from ports.clock import Clock
from ports.payments.payment_gateway import PaymentGateway


class Checkout(containers.DeclarativeContainer):
    settings: providers.Dependency[Settings] = providers.Dependency(instance_of=Settings)
    storage = NamedDependencies()
    order_status = NamedDependencies()
    gateway: providers.Dependency[PaymentGateway] = providers.Dependency()
    read_order: providers.Dependency[ReadOrder] = providers.Dependency()
    gateway_suspended_for: providers.Dependency[Callable[[], timedelta | None]] = (
        providers.Dependency()
    )
    configuration: providers.Dependency[CurrentConfiguration] = providers.Dependency()
    clock: providers.Dependency[Clock] = providers.Dependency()
    privacy_notice: providers.Dependency[PrivacyNotice | None] = providers.Dependency()
    new_payment_id: providers.Dependency[Callable[[], PaymentId]] = providers.Dependency()

    unit = storage.unit_of_work
    seller = settings.provided.seller_gstin
    longest = providers.Callable(call_max, settings)

    quote_course = providers.Singleton(QuoteCourse, unit, clock, seller, configuration)
    create_session = providers.Singleton(
        CreateSession, unit, gateway, read_order, order_status.apply_order_status, clock
    )
    record_refusal = providers.Singleton(RecordRefusal, unit, clock)
    begin_payment = providers.Singleton(
        BeginPayment,
        create_session=create_session,
        record_refusal=record_refusal,
        clock=clock,
        new_id=new_payment_id,
        seller=seller,
        configuration=configuration,
        call_max=longest,
        gateway_suspended_for=gateway_suspended_for,
        privacy_notice=privacy_notice,
    )
    initiate_payment = providers.Singleton(
        InitiatePayment,
        unit_of_work=unit,
        begin=begin_payment,
        read_order=read_order,
        apply=order_status.apply_order_status,
        refresh_order=order_status.refresh_order,
    )
    retry_payment = providers.Singleton(
        RetryPayment,
        unit_of_work=unit,
        begin=begin_payment,
        read_order=read_order,
        apply=order_status.apply_order_status,
    )
    cancel_payment = providers.Singleton(
        CancelPayment,
        unit_of_work=unit,
        read_order=read_order,
        apply=order_status.apply_order_status,
        clock=clock,
    )
    forget_keys = providers.Singleton(ForgetKeys, storage.idempotency_records, clock)
