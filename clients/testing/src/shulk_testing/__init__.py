"""Test a platform against a whole Shulk: start it, buy, pay as the bank's payer, refund, and see what was told."""

from shulk_testing.api import Course, Payment, Shulk, Student
from shulk_testing.bank import Fault
from shulk_testing.calls import Answer, ShulkRefused
from shulk_testing.finding import ShulkNotFound
from shulk_testing.mailbox import Mailbox, Message
from shulk_testing.process import ShulkDidNotStart
from shulk_testing.receiver import Event, Webhooks
from shulk_testing.signatures import NotSigned, sign, verify
from shulk_testing.waiting import NeverCame

__all__ = [
    "Answer",
    "Course",
    "Event",
    "Fault",
    "Mailbox",
    "Message",
    "NeverCame",
    "NotSigned",
    "Payment",
    "Shulk",
    "ShulkDidNotStart",
    "ShulkNotFound",
    "ShulkRefused",
    "Student",
    "Webhooks",
    "sign",
    "verify",
]
