"""The staff console's table of permissions: every route of it, whose it is, and which of them the navigation names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from domain.staff.access import Permission
from entrypoints.http.page import CONSOLE
from entrypoints.http.security.identity import Caller
from entrypoints.http.security.rate_limits import Budget

SIGN_IN: Final = "/console/sign-in"
PAYMENTS: Final = "/console/payments"
PAYMENT: Final = "/console/payments/{transaction_id:str}"
PERSONAL_DATA: Final = "/console/payments/{transaction_id:str}/student"
CHECK: Final = "/console/payments/{transaction_id:str}/check"
REFUND_FORM: Final = "/console/payments/{transaction_id:str}/refund"
REFUND_CHECK: Final = "/console/payments/{transaction_id:str}/refund/check"
REFUNDS: Final = "/console/refunds"
REFUND: Final = "/console/refunds/{refund_id:str}"
REVIEWS: Final = "/console/reviews"
REVIEW: Final = "/console/reviews/{transaction_id:str}/{reason:str}"
RECONCILIATION: Final = "/console/reconciliation"
RUN: Final = "/console/reconciliation/{run_id:str}"
RUN_EVENTS: Final = "/console/reconciliation/{run_id:str}/events"
DISCREPANCIES: Final = "/console/discrepancies"
DISCREPANCY: Final = "/console/discrepancies/{discrepancy_id:str}"
RESOLVE: Final = "/console/discrepancies/{discrepancy_id:str}/resolve"
RESOLVE_CHECK: Final = "/console/discrepancies/{discrepancy_id:str}/resolve/check"
DECIDE: Final = "/console/discrepancies/{discrepancy_id:str}/decide"
SETTLEMENT_FILES: Final = "/console/settlement-files"
SETTLEMENT_PREVIEW: Final = "/console/settlement-files/preview"
SETTLEMENT_FILE: Final = "/console/settlement-files/{sha256:str}"
RELEASE: Final = "/console/settlement-files/{sha256:str}/release"
REISSUE: Final = "/console/settlement-files/{sha256:str}/reissue"
STATEMENTS: Final = "/console/bank-statements"
STATEMENT_PREVIEW: Final = "/console/bank-statements/preview"
DEAD_LETTERS: Final = "/console/dead-letters"
DEAD_LETTER: Final = "/console/dead-letters/{letter:int}"
REFUSED_WEBHOOKS: Final = "/console/dead-letters/webhooks"
COURSES: Final = "/console/courses"
COURSE: Final = "/console/courses/course"
COURSE_IMPORT: Final = "/console/courses/import"
DISCOUNTS: Final = "/console/discounts"
DISCOUNT: Final = "/console/discounts/code"
DISCOUNT_IMPORT: Final = "/console/discounts/import"
STAFF: Final = "/console/staff"
NEW_MEMBER: Final = "/console/staff/new"
MEMBER: Final = "/console/staff/member"
MEMBER_APP: Final = "/console/staff/member/app"
ARCHIVE: Final = "/console/archive"
JOBS: Final = "/console/jobs"
JOB_RUN: Final = "/console/jobs/{job:str}/run"
MONITORING: Final = "/console/monitoring"
ACKNOWLEDGE: Final = "/console/monitoring/alerts/{alert_id:str}/acknowledge"
SILENCE: Final = "/console/monitoring/alerts/{alert_id:str}/silence"
GATEWAY: Final = "/console/gateway"
GATEWAY_CHANGE: Final = "/console/gateway/change"
GATEWAY_CHECK: Final = "/console/gateway/change/check"
GATEWAY_TEST: Final = "/console/gateway/test"
GATEWAY_VERSION: Final = "/console/gateway/versions/{version:int}"
GATEWAY_OLD_SECRETS: Final = "/console/gateway/versions/{version:int}/end-old-secrets"
WEBHOOKS: Final = "/console/webhooks"
WEBHOOK: Final = "/console/webhooks/{endpoint_id:str}"
KEYS: Final = "/console/keys"
KEY: Final = "/console/keys/{key_id:str}"
KEY_ROTATE: Final = "/console/keys/{key_id:str}/rotate"
KEY_REVOKE: Final = "/console/keys/{key_id:str}/revoke"
PRIVACY: Final = "/console/privacy"
PRIVACY_EXPORT: Final = "/console/privacy/export"
PRIVACY_ERASE: Final = "/console/privacy/erase"
PRIVACY_HOLD: Final = "/console/privacy/hold"
PRIVACY_RELEASE: Final = "/console/privacy/release"
ELSEWHERE: Final = "/console/{rest:path}"

MONEY: Final = "Money"
BOOKS: Final = "Books"
SELLING: Final = "Shop"
RUNNING: Final = "Operation"
GROUPS: Final = ("", MONEY, BOOKS, SELLING, RUNNING)
"""The groups of the navigation, in order; the first page stands alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    One route: *permission* opens it, none is for whoever is to sign in.

    *word* is what the navigation calls the page, *group* the one that it stands in there, and *about* what can be
    done on it; all are empty for a route that is reached from a page.
    """

    permission: Permission | None
    budget: Budget = Budget.STAFF
    word: str = ""
    group: str = ""
    about: str = ""


PLACES: Final[Mapping[tuple[str, str], Place]] = {
    ("GET", CONSOLE): Place(permission=Permission.USE_CONSOLE, word="Start"),
    ("GET", PAYMENTS): Place(
        permission=Permission.SEE_ALL_PAYMENTS,
        word="Payments",
        group=MONEY,
        about="Find a payment by any id, an email address or a telephone number.",
    ),
    ("GET", PAYMENT): Place(permission=Permission.SEE_ALL_PAYMENTS),
    ("POST", PERSONAL_DATA): Place(permission=Permission.SEE_PERSONAL_DATA),
    ("POST", CHECK): Place(permission=Permission.ASK_BANK),
    ("GET", REFUND_FORM): Place(permission=Permission.CREATE_REFUNDS),
    ("POST", REFUND_CHECK): Place(permission=Permission.CREATE_REFUNDS),
    ("POST", REFUND_FORM): Place(permission=Permission.CREATE_REFUNDS, budget=Budget.REFUND),
    ("GET", REFUNDS): Place(
        permission=Permission.SEE_ALL_PAYMENTS,
        word="Refunds",
        group=MONEY,
        about="Those on their way, and those that wait for a second person.",
    ),
    ("GET", REFUND): Place(permission=Permission.APPROVE_REFUNDS),
    ("POST", REFUND): Place(permission=Permission.APPROVE_REFUNDS, budget=Budget.REFUND_DECISION),
    ("GET", REVIEWS): Place(
        permission=Permission.SEE_ALL_PAYMENTS,
        word="Reviews",
        group=MONEY,
        about="Payments that somebody has to look at, and what ends that.",
    ),
    ("GET", REVIEW): Place(permission=Permission.SEE_ALL_PAYMENTS),
    ("POST", REVIEW): Place(permission=Permission.ASK_BANK, budget=Budget.RESOLUTION),
    ("GET", RECONCILIATION): Place(
        permission=Permission.SEE_DISCREPANCIES,
        word="Reconciliation",
        group=BOOKS,
        about="Whether books and bank agree: runs, what they came to and what they found.",
    ),
    ("POST", RECONCILIATION): Place(permission=Permission.RUN_RECONCILIATION),
    ("GET", RUN): Place(permission=Permission.SEE_DISCREPANCIES),
    ("GET", RUN_EVENTS): Place(permission=Permission.SEE_DISCREPANCIES),
    ("GET", DISCREPANCIES): Place(
        permission=Permission.SEE_DISCREPANCIES,
        word="Discrepancies",
        group=BOOKS,
        about="What books and bank disagree on, why that may be, and what ends it.",
    ),
    ("GET", DISCREPANCY): Place(permission=Permission.SEE_DISCREPANCIES),
    ("GET", RESOLVE): Place(permission=Permission.RESOLVE_DISCREPANCIES),
    ("POST", RESOLVE_CHECK): Place(permission=Permission.RESOLVE_DISCREPANCIES),
    ("POST", RESOLVE): Place(permission=Permission.RESOLVE_DISCREPANCIES, budget=Budget.RESOLUTION),
    ("POST", DECIDE): Place(permission=Permission.RESOLVE_DISCREPANCIES, budget=Budget.RESOLUTION),
    ("GET", SETTLEMENT_FILES): Place(
        permission=Permission.IMPORT_SETTLEMENTS,
        word="Settlement files",
        group=BOOKS,
        about="What the bank reports that it pays out: bring a file, and decide about held ones.",
    ),
    ("POST", SETTLEMENT_PREVIEW): Place(permission=Permission.IMPORT_SETTLEMENTS),
    ("POST", SETTLEMENT_FILES): Place(permission=Permission.IMPORT_SETTLEMENTS),
    ("GET", SETTLEMENT_FILE): Place(permission=Permission.IMPORT_SETTLEMENTS),
    ("POST", RELEASE): Place(permission=Permission.IMPORT_SETTLEMENTS),
    ("GET", REISSUE): Place(permission=Permission.IMPORT_SETTLEMENTS),
    ("POST", REISSUE): Place(permission=Permission.IMPORT_SETTLEMENTS),
    ("GET", STATEMENTS): Place(
        permission=Permission.IMPORT_SETTLEMENTS,
        word="Bank statements",
        group=BOOKS,
        about="What came to the account: bring a statement, and see those that there are.",
    ),
    ("POST", STATEMENT_PREVIEW): Place(permission=Permission.IMPORT_SETTLEMENTS),
    ("POST", STATEMENTS): Place(permission=Permission.IMPORT_SETTLEMENTS),
    ("GET", DEAD_LETTERS): Place(
        permission=Permission.SEE_ALL_PAYMENTS,
        word="Dead letters",
        group=RUNNING,
        about="Emails, documents and webhooks that were given up, and wait for a person.",
    ),
    ("GET", DEAD_LETTER): Place(permission=Permission.SEE_ALL_PAYMENTS),
    ("POST", DEAD_LETTER): Place(permission=Permission.CLOSE_DEAD_LETTERS),
    ("POST", REFUSED_WEBHOOKS): Place(permission=Permission.CLOSE_DEAD_LETTERS),
    ("GET", JOBS): Place(
        permission=Permission.SEE_JOBS,
        word="Jobs",
        group=RUNNING,
        about="What the workers do again and again: how it went, and when it is due next.",
    ),
    ("POST", JOB_RUN): Place(permission=Permission.RUN_JOBS, budget=Budget.JOB_RUN),
    ("GET", ARCHIVE): Place(
        permission=Permission.SEE_ARCHIVE,
        word="Archive",
        group=RUNNING,
        about="Months that have left the database as files, and until when these are kept.",
    ),
    ("GET", MONITORING): Place(
        permission=Permission.SEE_MONITORING,
        word="Monitoring",
        group=RUNNING,
        about="Figures of the last day, week and month, alerts, and how the installation does.",
    ),
    ("POST", ACKNOWLEDGE): Place(permission=Permission.ANSWER_ALERTS),
    ("POST", SILENCE): Place(permission=Permission.ANSWER_ALERTS),
    ("GET", COURSES): Place(
        permission=Permission.SEE_CATALOGUE,
        word="Courses",
        group=SELLING,
        about="What is sold, at which price and with which tax.",
    ),
    ("GET", COURSE): Place(permission=Permission.SEE_CATALOGUE),
    ("POST", COURSE): Place(permission=Permission.WRITE_COURSES),
    ("GET", COURSE_IMPORT): Place(permission=Permission.WRITE_COURSES),
    ("POST", COURSE_IMPORT): Place(permission=Permission.WRITE_COURSES),
    ("GET", DISCOUNTS): Place(
        permission=Permission.SEE_CATALOGUE,
        word="Discounts",
        group=SELLING,
        about="Codes that lessen a price: by how much, when, and how often.",
    ),
    ("GET", DISCOUNT): Place(permission=Permission.SEE_CATALOGUE),
    ("POST", DISCOUNT): Place(permission=Permission.WRITE_DISCOUNTS),
    ("GET", DISCOUNT_IMPORT): Place(permission=Permission.WRITE_DISCOUNTS),
    ("POST", DISCOUNT_IMPORT): Place(permission=Permission.WRITE_DISCOUNTS),
    ("GET", STAFF): Place(
        permission=Permission.SEE_STAFF,
        word="Staff",
        group=RUNNING,
        about="Who works here, what they may do, and the app that shows their codes.",
    ),
    ("GET", NEW_MEMBER): Place(permission=Permission.WRITE_STAFF),
    ("POST", NEW_MEMBER): Place(permission=Permission.WRITE_STAFF, budget=Budget.RESOLUTION),
    ("GET", MEMBER): Place(permission=Permission.SEE_STAFF),
    ("POST", MEMBER): Place(permission=Permission.WRITE_STAFF, budget=Budget.RESOLUTION),
    ("POST", MEMBER_APP): Place(permission=Permission.WRITE_STAFF, budget=Budget.RESOLUTION),
    ("GET", GATEWAY): Place(
        permission=Permission.SEE_GATEWAY,
        word="Gateway",
        group=RUNNING,
        about="Merchant account, methods, amounts and time to pay: who changed what, and a test at the bank.",
    ),
    ("GET", GATEWAY_CHANGE): Place(permission=Permission.PROPOSE_GATEWAY),
    ("POST", GATEWAY_CHECK): Place(permission=Permission.PROPOSE_GATEWAY),
    ("POST", GATEWAY_CHANGE): Place(
        permission=Permission.PROPOSE_GATEWAY, budget=Budget.CONFIGURATION
    ),
    ("POST", GATEWAY_TEST): Place(
        permission=Permission.TEST_CONNECTION, budget=Budget.CONNECTION_TEST
    ),
    ("POST", GATEWAY_VERSION): Place(
        permission=Permission.APPROVE_GATEWAY, budget=Budget.CONFIGURATION
    ),
    ("POST", GATEWAY_OLD_SECRETS): Place(
        permission=Permission.PROPOSE_GATEWAY, budget=Budget.CONFIGURATION
    ),
    ("GET", WEBHOOKS): Place(
        permission=Permission.SEE_WEBHOOKS,
        word="Webhooks",
        group=RUNNING,
        about="Where the platform is told what happens, whether it answers, and what it was told.",
    ),
    ("POST", WEBHOOKS): Place(permission=Permission.WRITE_WEBHOOKS),
    ("GET", WEBHOOK): Place(permission=Permission.SEE_WEBHOOKS),
    ("POST", WEBHOOK): Place(permission=Permission.WRITE_WEBHOOKS),
    ("GET", KEYS): Place(
        permission=Permission.SEE_KEYS,
        word="Server keys",
        group=RUNNING,
        about="By which keys back ends of the platform call this service, and what each may do.",
    ),
    ("POST", KEYS): Place(permission=Permission.WRITE_KEYS, budget=Budget.CONFIGURATION),
    ("GET", KEY): Place(permission=Permission.SEE_KEYS),
    ("POST", KEY_ROTATE): Place(permission=Permission.WRITE_KEYS, budget=Budget.CONFIGURATION),
    ("POST", KEY_REVOKE): Place(permission=Permission.WRITE_KEYS),
    ("GET", PRIVACY): Place(
        permission=Permission.HOLD_PAYMENTS,
        word="Data of people",
        group=RUNNING,
        about="What is kept of a student: export it, erase what no law keeps, or hold payments back from that.",
    ),
    ("POST", PRIVACY_EXPORT): Place(permission=Permission.EXPORT_PERSONAL_DATA),
    ("POST", PRIVACY_ERASE): Place(
        permission=Permission.ERASE_PERSONAL_DATA, budget=Budget.CONFIGURATION
    ),
    ("POST", PRIVACY_HOLD): Place(permission=Permission.HOLD_PAYMENTS, budget=Budget.RESOLUTION),
    ("POST", PRIVACY_RELEASE): Place(permission=Permission.HOLD_PAYMENTS, budget=Budget.RESOLUTION),
    ("GET", ELSEWHERE): Place(permission=Permission.USE_CONSOLE),
    ("GET", SIGN_IN): Place(permission=None, budget=Budget.SIGN_IN),
    ("POST", SIGN_IN): Place(permission=None, budget=Budget.CONSOLE_CODE),
}
"""By method and address, in the order of the navigation."""


@dataclass(frozen=True, slots=True)
class Link:
    """One entry of the navigation; *here* is whether the page shown is it or below it."""

    address: str
    word: str
    about: str
    here: bool


@dataclass(frozen=True, slots=True)
class LinkGroup:
    """Links that belong together, and what they are called as a group: nothing for the first page."""

    word: str
    links: Sequence[Link]


def navigation(caller: Caller | None, path: str) -> Sequence[LinkGroup]:
    """Return what *caller* may open of the pages that have a word, by their groups, seen from the page at *path*."""
    if caller is None or not caller.confirmed:
        return ()
    grouped: dict[str, list[Link]] = {group: [] for group in GROUPS}
    for (_, address), place in PLACES.items():
        if place.word and place.permission is not None and caller.may(place.permission):
            here = _is_within(path, address)
            grouped[place.group].append(Link(address, place.word, place.about, here=here))
    return [LinkGroup(group, links) for group, links in grouped.items() if links]


def _is_within(path: str, address: str) -> bool:
    return path == address or (address != CONSOLE and path.startswith(f"{address}/"))
