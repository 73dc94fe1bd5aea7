"""All routes of the staff console."""

from typing import Final

from litestar.types import ControllerRouterHandler

from entrypoints.http.console.archive import archive
from entrypoints.http.console.bank_statements import (
    bank_statements,
    import_bank_statement,
    preview_bank_statement,
)
from entrypoints.http.console.catalogue_import import (
    course_import,
    discount_import,
    import_courses,
    import_discounts,
)
from entrypoints.http.console.catalogue_items import (
    course,
    courses,
    discount,
    discounts,
    put_course,
    put_discount,
)
from entrypoints.http.console.dead_letters import (
    dead_letter,
    dead_letters,
    decide_dead_letter,
    dismiss_webhooks,
)
from entrypoints.http.console.discrepancies import discrepancies
from entrypoints.http.console.discrepancy import decide_discrepancy, discrepancy
from entrypoints.http.console.gateway import decide, end_old_secrets, gateway, try_connection
from entrypoints.http.console.gateway_change import (
    change_gateway,
    check_gateway,
    gateway_change,
)
from entrypoints.http.console.jobs import ask_job, jobs
from entrypoints.http.console.monitoring import acknowledge, monitoring, silence
from entrypoints.http.console.payment import check, payment, show_student
from entrypoints.http.console.payments import payments
from entrypoints.http.console.privacy import (
    erase_personal_data,
    export_personal_data,
    place_hold,
    privacy,
    release_hold,
)
from entrypoints.http.console.refund_form import ask_refund, check_refund, refund_form
from entrypoints.http.console.refunds import decide_refund, refund, refunds
from entrypoints.http.console.resolution_form import (
    check_resolution,
    resolution_form,
    resolve_discrepancy,
)
from entrypoints.http.console.reviews import resolve, review, reviews
from entrypoints.http.console.run import run
from entrypoints.http.console.run_updates import run_events
from entrypoints.http.console.runs import ask_run, runs
from entrypoints.http.console.server_keys import (
    add_server_key,
    revoke_server_key,
    rotate_server_key,
    server_key,
    server_keys,
)
from entrypoints.http.console.settlement_file import (
    compare_reissue,
    decide_reissue,
    release_file,
    settlement_file,
)
from entrypoints.http.console.settlement_files import (
    import_settlement_file,
    preview_settlement_file,
    settlement_files,
)
from entrypoints.http.console.sign_in import sign_in_routes
from entrypoints.http.console.staff import (
    add_member,
    change_member,
    confirm_app,
    member,
    new_member,
    staff,
)
from entrypoints.http.console.start import elsewhere, start
from entrypoints.http.console.webhooks import act_on_webhook, add_webhook, webhook, webhooks

CONSOLE_ROUTES: Final[tuple[ControllerRouterHandler, ...]] = (
    sign_in_routes,
    start,
    payments,
    payment,
    check,
    show_student,
    refund_form,
    check_refund,
    ask_refund,
    refunds,
    refund,
    decide_refund,
    reviews,
    review,
    resolve,
    runs,
    ask_run,
    run,
    run_events,
    discrepancies,
    discrepancy,
    decide_discrepancy,
    resolution_form,
    check_resolution,
    resolve_discrepancy,
    settlement_files,
    preview_settlement_file,
    import_settlement_file,
    settlement_file,
    release_file,
    compare_reissue,
    decide_reissue,
    bank_statements,
    preview_bank_statement,
    import_bank_statement,
    dead_letters,
    dead_letter,
    decide_dead_letter,
    dismiss_webhooks,
    archive,
    jobs,
    ask_job,
    monitoring,
    acknowledge,
    silence,
    courses,
    course,
    put_course,
    course_import,
    import_courses,
    discounts,
    discount,
    put_discount,
    discount_import,
    import_discounts,
    staff,
    new_member,
    add_member,
    member,
    change_member,
    confirm_app,
    gateway,
    gateway_change,
    change_gateway,
    check_gateway,
    try_connection,
    decide,
    end_old_secrets,
    webhooks,
    add_webhook,
    webhook,
    act_on_webhook,
    server_keys,
    add_server_key,
    server_key,
    rotate_server_key,
    revoke_server_key,
    privacy,
    export_personal_data,
    erase_personal_data,
    place_hold,
    release_hold,
    elsewhere,
)
