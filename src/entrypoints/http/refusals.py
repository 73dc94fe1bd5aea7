"""What a person is told when something is refused; programs are told the same in the words of the interface."""

from collections.abc import Mapping
from typing import Final

from domain.text.language import Sentence
from entrypoints.http.problems import Problem

SECONDS: Final = 60

WORDS: Final[Mapping[str, str]] = {
    "not-found": "There is nothing at this address, or it is not yours to see.",
    "unknown-course": "There is no such course, or it is not on sale any more.",
    "already-enrolled": "This course is open to you already. Nothing was charged.",
    "idempotency-key-reused": "The form was changed after it had been sent once. Please look at it and press the "
    "button again.",
    "idempotency-key-busy": "Your payment is being opened already. Please wait a moment, and press the button again.",
    "idempotency-key-invalid": "The page cannot be used any more. Please load it anew and try again.",
    "card-number-refused": "A field holds what looks like a card number. Nothing of it was kept. Please remove it: "
    "card details belong on the bank's page only.",
    "amount-inexact": "The page cannot be used any more. Please load it anew and try again.",
    "client-reference-invalid": "The course platform sent an order number that cannot be used. Nothing was charged.",
    "client-reference-used": "The course platform sent an order number that belongs to another purchase. Nothing was "
    "charged.",
    "consent-missing": "Nothing was opened. Please read the privacy notice, and tick the box if you agree.",
    "privacy-notice-changed": "Nothing was opened. Please read what you are asked to agree to now, and tick the box "
    "again if you do.",
    "currency-unsupported": "Courses are paid for in Indian rupees. Nothing was charged.",
    "student-invalid": "It is not clear for whom this is. Nothing was done.",
    "version-unknown": "The course platform asked in a way that we do not answer any more. Nothing was done.",
    "changed-meanwhile": "Something changed at the same moment, so nothing was done. Please try again.",
    "gateway-unavailable": "The bank's payment page cannot be opened at the moment. Nothing was charged.",
    "gateway-away": "The bank is not answering at the moment, so no new payment is opened. Nothing was charged.",
    "gateway-refused": "The bank does not open a payment page for this order. Nothing was charged. Trying again does "
    "not help: please write to us.",
    "gateway-denied": "Payments are not possible at the moment, because of a fault between us and the bank. It is not "
    "about your order, and nothing was charged. Please try again later, or write to us.",
    "storage-unavailable": "We cannot reach our records at the moment. Please try again shortly.",
    "malformed-message": "The address that you came back with is not complete. If you have just paid, nothing is "
    "lost: your payment is confirmed with the bank, and you get an email.",
    "forged-message": "The address that you came back with does not prove that it comes from the bank, so it was not "
    "used. If you have just paid, nothing is lost: your payment is confirmed with the bank.",
    "not-signed-in": "Please sign in first. What comes next is between you and your courses.",
    "not-allowed": "Your account is not meant for this page. Students pay for courses with an account of their own.",
    "profile-incomplete": "An invoice needs your name and your email address, and your account lacks one. Please "
    "complete your profile on the course platform, and sign in again.",
    "form-token-refused": "The page was open for too long, or somebody else has signed in since. Please load it anew "
    "and try again.",
    "bad-request": "Your browser sent something that cannot be read. Please go back and try again.",
    "invalid-request": "Something in the form or in the address is not as it should be. Please go back and try again.",
    "cursor-invalid": "This address leads to no page of your payments any more. Please begin with the newest.",
    "method-not-allowed": "This address cannot be used like that. Please go back and try again.",
    "unsupported-media-type": "Your browser sent the form in a way that is not understood. Please go back and try "
    "again.",
    "body-too-large": "That is more than can be sent to this address. Please shorten it and try again.",
    "body-too-slow": "What your browser sent did not arrive in time. Please try again.",
    "too-many-requests": "That was a lot in a short time. Please wait a moment, and try again.",
    "platform-keys-unavailable": "We cannot check who you are at the moment. Please try again shortly.",
    "document-not-ready": "The document is still being made. Please try again in a moment.",
    "no-document": "There is no such document for this payment.",
    "internal": "Something went wrong on our side, and we have a record of it. Please try again; if it happens again, "
    "write to us.",
}
"""By the problem's slug; what is not here is told in the problem's own words, which depend on the case."""


def told(problem: Problem) -> str:
    """Return the words in which a page tells *problem* to a person."""
    return WORDS.get(problem.kind.slug, problem.detail)


def wait_words(seconds: str) -> Sentence:
    """Return what a person calls a wait of so many *seconds*, as in ``Retry-After``: ``2 minutes``."""
    count = int(seconds)
    if count > SECONDS:
        return Sentence.of("%(count)s minutes", count=-(-count // SECONDS))
    if count == 1:
        return Sentence.of("%(count)s second", count=count)
    return Sentence.of("%(count)s seconds", count=count)
