"""Every type of problem that this service answers, with its status, its slug and what to do about it."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

ADDRESS: Final = "/problems/"
EXAMPLE_ADDRESS: Final = "https://pay.example.in"
"""Where the service is reached in examples."""


@dataclass(frozen=True, slots=True)
class ProblemType:
    """
    One kind of problem; *meaning* and *remedy* are what its page says.

    *conceals* is set where the error's own words are for the log only: the client gets *meaning*.
    """

    status: HTTPStatus
    slug: str
    title: str
    meaning: str
    remedy: str
    conceals: bool = False

    @property
    def type(self) -> str:
        return ADDRESS + self.slug

    def type_at(self, public_url: str) -> str:
        """Return the address of its page where this service is reached at *public_url*."""
        return public_url.rstrip("/") + self.type


NOT_FOUND: Final = ProblemType(
    HTTPStatus.NOT_FOUND,
    "not-found",
    "Not found",
    "There is no such thing here, or it is not yours to see.",
    "Check the address and the id. Payments are shown to the student who made them only.",
)
UNKNOWN_COURSE: Final = ProblemType(
    HTTPStatus.NOT_FOUND,
    "unknown-course",
    "Unknown course",
    "There is no course with this id, or it is not on sale.",
    "Take the id from the list of courses.",
)
ALREADY_ENROLLED: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "already-enrolled",
    "Already enrolled",
    "This course is open to the student already. Nothing was charged.",
    "Open the course; there is nothing to pay.",
)
LIVE_ATTEMPT: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "live-attempt-exists",
    "A payment is under way",
    "The student has a payment for this course that is neither done nor over. `differs` names each `field` in "
    "which it is another one than what was asked for: what it is there, `under_way`, and here, `asked`.",
    "Continue at `payment_url` and pay `payable`, cancel the payment that `transaction_id` names and start "
    "again, or wait until `expires_at`.",
)
RETRY_REFUSED: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "retry-refused",
    "This payment cannot be tried again",
    "A payment that failed or expired can be tried again three times, within 24 hours of the first "
    "attempt, if trying again can help; `reason` says what stands against it.",
    "Read the status of the payment that `transaction_id` names, or open a new payment.",
)
NOT_CANCELLABLE: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "not-cancellable",
    "This payment cannot be ended",
    "Only a payment that is open, and of which the bank knows no attempt, can be cancelled.",
    "Read its status: it is over, or the bank is working on it.",
)
PRICE_CHANGED: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "price-changed",
    "The price has changed",
    "A payment is for the price that the student saw, a retry for that of the first payment. The "
    "course, the discount code or the taxes have changed since. `payable_before` is what was seen, "
    "where it was told, `payable_now` what is to be paid now; both are equal when only the parts of "
    "the price have changed. Nothing was opened.",
    "Ask for a quote, show it to the student, and open a new payment for it.",
)
REFUND_DISPUTED: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "refund-disputed",
    "The payment is disputed",
    "The payer's bank disputes the charge and may give the money back itself, or it has done so: a refund "
    "could pay it twice.",
    "Contest the dispute or wait for its end. After a lost dispute, refund at most what is left beside it.",
)
KEY_MISSING: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "idempotency-key-missing",
    "Nothing shows whether the request is a repeat",
    "A request that moves money has an Idempotency-Key or names the `available_amount` that it is made "
    "for. Without both, a repeat after a lost answer would move the money twice.",
    "Send an Idempotency-Key, the same one with each repeat; or read the payment and send its "
    "`refundable` as `available_amount`.",
)
KEY_REUSED: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "idempotency-key-reused",
    "Idempotency key used for something else",
    "The same Idempotency-Key came before with a different body.",
    "Send a new key with a new request, and the old key only with the very same body.",
)
KEY_BUSY: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "idempotency-key-busy",
    "First request still running",
    "The first request with this Idempotency-Key has not been answered yet.",
    "Send the same request again after the time in Retry-After: it is short at first, and grows with the "
    "time that the first request takes.",
)
KEY_INVALID: Final = ProblemType(
    HTTPStatus.BAD_REQUEST,
    "idempotency-key-invalid",
    "Idempotency key cannot be used",
    "An Idempotency-Key is 1 to 255 printable ASCII characters, and comes once.",
    "Send a random key such as a UUID, or none.",
)
REFERENCE_INVALID: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "client-reference-invalid",
    "Client reference cannot be used",
    "A client_reference is 1 to 100 printable ASCII characters without blanks, and no card number.",
    "Send the number of the order on the platform, a UUID, or none.",
)
REFERENCE_USED: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "client-reference-used",
    "The client reference names another purchase",
    "A client_reference names one course for one student, until it is sold. `transaction_id` is the first "
    "payment that bore this one. `reason` is `other_purchase` when that is of another student or another "
    "course, and `sold` when the purchase was paid already. Nothing was opened.",
    "Send a reference that was not used before, or read how the payment stands that `transaction_id` names.",
)
CONSENT_MISSING: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "consent-missing",
    "Please agree to the privacy notice first",
    "The checkout page asks the student to agree to the privacy notice, and they have not done so yet. Nothing was "
    "opened.",
    "Read the privacy notice, and tick the box beside what it asks for.",
)
PRIVACY_NOTICE_CHANGED: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "privacy-notice-changed",
    "The privacy notice has changed",
    "`consent` is the version of the privacy notice that the student agreed to. The notice, or the words by which they "
    "agree to it, are others by now, or none is asked for any more. Nothing was opened.",
    "Ask for a quote, show the student its `privacy_notice`, and open the payment with that version, or without "
    "`consent` where the quote has none.",
)
CURRENCY_UNSUPPORTED: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "currency-unsupported",
    "Not sold in this currency",
    "Everything is sold in Indian rupees; `supported` lists the currencies that can be named (ISO 4217).",
    "Send `currency` as INR, or leave it out.",
)
VERSION_UNKNOWN: Final = ProblemType(
    HTTPStatus.BAD_REQUEST,
    "version-unknown",
    "There is no such version",
    "The header Shulk-Version comes once and names a version of the interface; `versions` lists those that "
    "are answered.",
    "Send one of `versions`, or no such header. docs/versioning.md says how long a version lives.",
)
DISCOUNT_REFUSED: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "discount-refused",
    "Discount code refused",
    "The code takes nothing off this purchase; `reason` says which rule it fails.",
    "Use another code, or leave it out.",
)
AMOUNT_OUT_OF_LIMITS: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "amount-out-of-limits",
    "Amount out of limits",
    "The amount to pay, tax included, lies outside what the bank takes in one payment "
    "(`minimum` to `maximum`).",
    "Use another discount code, or ask support.",
)
ADDRESS_REQUIRED: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "address-required",
    "Billing address required",
    "GST law wants the buyer's address on the invoice for this sale.",
    "Send `billing.address`.",
)
BILLING_INVALID: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "billing-invalid",
    "Billing details cannot be used",
    "A billing field cannot be printed on a tax invoice; `errors` names it.",
    "Correct the field that is named.",
)
STATE_UNKNOWN: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "state-unknown",
    "Unknown State",
    "No State or union territory of India has this GST code.",
    "Send the two digits of the State where the buyer is, such as 29 for Karnataka.",
)
NOT_SOLD_ABROAD: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "not-sold-abroad",
    "Not sold abroad",
    "Code 96 is a place outside India. Courses are sold to buyers in India only.",
    "A buyer abroad has to turn to the seller. Never name a State that the buyer is not in.",
)
STATE_DISAGREES: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "state-disagrees",
    "GSTIN and State disagree",
    "The GSTIN was issued in one State and the billing State is another.",
    "Bill the State of the GSTIN, or leave the GSTIN out.",
)
GSTIN_INVALID: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "gstin-invalid",
    "GSTIN cannot be used",
    "The GSTIN is mistyped, or belongs to somebody who cannot be billed in India.",
    "Check it against the registration certificate, or leave it out.",
)
SPECIAL_ZONE_UNSUPPORTED: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "special-zone-unsupported",
    "A special economic zone cannot be billed yet",
    "A supply to a unit or developer of a special economic zone is zero-rated, which is not sold here yet.",
    "Write to the seller, who can bill it by hand; nothing was paid.",
)
CARD_NUMBER: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "card-number-refused",
    "Card numbers are not taken",
    "A text holds what looks like a card number. Nothing of the request was kept.",
    "Remove it. Card details belong on the bank's page only.",
)
AMOUNT_INEXACT: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "amount-inexact",
    "Not an exact amount",
    "Amounts are rupees with at most two decimals; nothing is rounded.",
    "Send text such as `1180.00`.",
)
COURSE_INVALID: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "course-invalid",
    "Course cannot be kept like this",
    "A field of the course breaks a rule; `errors` names it.",
    "Correct the field that is named.",
)
DISCOUNT_INVALID: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "discount-invalid",
    "Discount code cannot be kept like this",
    "A field of the discount code breaks a rule; `errors` names it.",
    "Correct the field that is named.",
)
CHANGED_MEANWHILE: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "changed-meanwhile",
    "Changed meanwhile",
    "Somebody else was faster, again and again; nothing was done.",
    "Send the request again.",
    conceals=True,
)
GATEWAY_UNAVAILABLE: Final = ProblemType(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "gateway-unavailable",
    "Payment page unavailable",
    "The bank's payment page cannot be opened at the moment. Nothing was charged.",
    "Try again after the time in Retry-After, with the same Idempotency-Key if there was one.",
    conceals=True,
)
GATEWAY_AWAY: Final = ProblemType(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "gateway-away",
    "Payments are paused",
    "The bank does not answer at the moment, so no new payment is opened. Nothing was charged.",
    "Try again after the time in Retry-After; what was paid before is confirmed once the bank is back.",
    conceals=True,
)
GATEWAY_REFUSED: Final = ProblemType(
    HTTPStatus.BAD_GATEWAY,
    "gateway-refused",
    "Payment page refused",
    "The bank refuses to open a payment page for this order. Nothing was charged.",
    "Trying again does not help; ask support, who can see why.",
    conceals=True,
)
GATEWAY_DENIED: Final = ProblemType(
    HTTPStatus.BAD_GATEWAY,
    "gateway-denied",
    "Payments are not possible at the moment",
    "The bank does not accept our own credentials; the order is not at fault. Nothing was charged.",
    "Trying again helps once an operator has set the credentials right; `shulk doctor` shows them.",
    conceals=True,
)
STORAGE_UNAVAILABLE: Final = ProblemType(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "storage-unavailable",
    "Service unavailable",
    "The service cannot reach its records at the moment.",
    "Try again after the time in Retry-After, with the same Idempotency-Key if there was one.",
    conceals=True,
)
MAIL_UNAVAILABLE: Final = ProblemType(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "mail-unavailable",
    "Mail unavailable",
    "The mail server does not take the email.",
    "Try again later.",
    conceals=True,
)
FORGED_MESSAGE: Final = ProblemType(
    HTTPStatus.UNAUTHORIZED,
    "forged-message",
    "Not from the bank",
    "The message does not prove that it comes from the bank. Its content was not read.",
    "Check the credentials or the key the message is signed with.",
    conceals=True,
)
MALFORMED_MESSAGE: Final = ProblemType(
    HTTPStatus.BAD_REQUEST,
    "malformed-message",
    "Message cannot be read",
    "The message repeats a field, lacks one, or is not in the form agreed with the bank.",
    "Send it as the bank's documents describe it.",
)
NOT_SIGNED_IN: Final = ProblemType(
    HTTPStatus.UNAUTHORIZED,
    "not-signed-in",
    "Not signed in",
    "The request carries no valid token or session.",
    "Send `Authorization: Bearer` with a valid token of the platform, or sign in.",
)
NOT_ALLOWED: Final = ProblemType(
    HTTPStatus.FORBIDDEN,
    "not-allowed",
    "Not allowed",
    "Whoever asks is known, but their roles do not carry the permission this needs.",
    "Ask somebody who may, or have the role added to the token.",
)
SECOND_FACTOR_NEEDED: Final = ProblemType(
    HTTPStatus.UNAUTHORIZED,
    "second-factor-needed",
    "A code opens this",
    "The console is opened by a code of the authenticator app, once for each sign-in in a browser.",
    "Sign in at `/console/sign-in`. A bearer token opens the API, not the console.",
)
SECOND_FACTOR_MISSING: Final = ProblemType(
    HTTPStatus.FORBIDDEN,
    "second-factor-missing",
    "No authenticator app",
    "This needs a code from an authenticator app, and none is set up for who asks.",
    "Have an operator run `shulk staff totp` for you.",
)
SECOND_FACTOR_REFUSED: Final = ProblemType(
    HTTPStatus.FORBIDDEN,
    "second-factor-refused",
    "Code refused",
    "The code is wrong, too old, or was used before (`reason`); each is good for one act. "
    "Nothing was done.",
    "Send the request again with the code that the app shows next.",
)
SECOND_FACTOR_LOCKED: Final = ProblemType(
    HTTPStatus.TOO_MANY_REQUESTS,
    "second-factor-locked",
    "Too many codes tried",
    "So many codes were tried for this member of staff that none is checked for a while.",
    "Wait for the time in Retry-After. If it was not you, have the app removed: "
    "`shulk staff totp --remove`.",
)
STAFF_INVALID: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "staff-invalid",
    "Member of staff cannot be kept like this",
    "A field of the member of staff breaks a rule; `errors` names it.",
    "Correct the field that is named.",
)
STAFF_EXISTS: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "staff-exists",
    "Member of staff exists",
    "There is a member of staff with this id already.",
    "Change the roles of the one there is, or use another id.",
)
STUDENT_INVALID: Final = ProblemType(
    HTTPStatus.BAD_REQUEST,
    "student-invalid",
    "The student is not named as it has to be",
    "A server key acts for the student whom the header `Shulk-Student` names; nothing else may name one.",
    "With a server key send `Shulk-Student` once, with the `sub` of the student; with a token or cookie leave it out.",
)
PROFILE_INCOMPLETE: Final = ProblemType(
    HTTPStatus.FORBIDDEN,
    "profile-incomplete",
    "Name or email missing",
    "Paying needs a student's name and email, and none that can be used was sent.",
    "Have the platform put `name` and `email` into the token; a back end sends them in `student`.",
)
CSRF_REFUSED: Final = ProblemType(
    HTTPStatus.FORBIDDEN,
    "form-token-refused",
    "Form token missing or wrong",
    "A request with a session cookie has to prove that it comes from our own pages.",
    "Fetch a token from `/api/csrf` and send it as `X-CSRF-Token`, or reload the page.",
)
BODY_MALFORMED: Final = ProblemType(
    HTTPStatus.BAD_REQUEST,
    "bad-request",
    "Bad request",
    "The request cannot be read.",
    "Send well-formed HTTP and JSON.",
)
REQUEST_INVALID: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "invalid-request",
    "Invalid request",
    "A field is missing, unknown, or not of its kind; `errors` names each.",
    "Correct the fields that are named; `/api/docs` shows what is taken.",
)
CURSOR_INVALID: Final = ProblemType(
    HTTPStatus.BAD_REQUEST,
    "cursor-invalid",
    "Cursor cannot be used",
    "The cursor is not one that this service gave out.",
    "Send `next` of the page before unchanged, or no cursor for the first page.",
)
PERIOD_INVALID: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "period-invalid",
    "No return for this month",
    "A return is for a month from May 2025 on, written as 2026-11.",
    "Name such a month.",
)
RETURN_DOES_NOT_TIE: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "return-does-not-tie",
    "The return does not tie out",
    "Two ways of adding up the same documents differ, so no return was written.",
    "File nothing for this month; let an operator compare the register with its documents.",
)
PROOF_UNSIGNED: Final = ProblemType(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "proof-unsigned",
    "No proof can be signed here",
    "The process that answers has no key of the audit log, and a pack that nobody signs proves nothing.",
    "Let an operator set SHULK_AUDIT_KEY_FILE for the API, or make the pack by `shulk proof`.",
)
PROOF_REFUSED: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "proof-refused",
    "The audit log is not as it was sealed",
    "A line about this payment was changed or removed after it was sealed, so that no pack can prove it.",
    "Let an operator run `shulk audit verify`, and keep the database as it is.",
)
SETTLEMENT_FILE_REFUSED: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "settlement-file-refused",
    "The file cannot be taken",
    "It is no settlement file or bank statement that can be read, or it is beyond a limit. `reason` says which. "
    "Nothing of it was taken.",
    "Send the file as the bank made it, or name the preset that reads it.",
)
SETTLEMENT_SOURCE_AWAY: Final = ProblemType(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "settlement-source-away",
    "The report cannot be fetched",
    "The bank has announced a report that could not be fetched whole. Nothing of it was taken.",
    "Try again later; the nightly run does so by itself.",
)
METHOD_NOT_ALLOWED: Final = ProblemType(
    HTTPStatus.METHOD_NOT_ALLOWED,
    "method-not-allowed",
    "Method not allowed",
    "This address does not take this method.",
    "The Allow header lists those that it takes.",
)
UNSUPPORTED_MEDIA_TYPE: Final = ProblemType(
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "unsupported-media-type",
    "Media type not supported",
    "The body does not come in the media type this address takes.",
    "Send `Content-Type: application/json`.",
)
BODY_TOO_LARGE: Final = ProblemType(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "body-too-large",
    "Body too large",
    "The body is larger than this address takes.",
    "Send less.",
)
TOO_MANY_REQUESTS: Final = ProblemType(
    HTTPStatus.TOO_MANY_REQUESTS,
    "too-many-requests",
    "Too many requests",
    "More requests came than one student or one address may send in this time.",
    "Wait for the time in Retry-After.",
)
INTERNAL: Final = ProblemType(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "internal",
    "Something went wrong here",
    "The service failed in a way it did not expect. It was recorded.",
    "Try again; if it stays, give support the X-Request-ID of the answer.",
    conceals=True,
)

NOT_REFUNDABLE: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "not-refundable",
    "Nothing to refund",
    "This payment took no money that could be given back.",
    "Read the payment's status; only a payment that succeeded can be refunded.",
)
REFUND_TOO_LARGE: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "refund-too-large",
    "More than is left",
    "The amount is more than what is left to refund; what is on its way back counts.",
    "Ask for at most `available_amount`.",
)
REFUND_TOO_SMALL: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "refund-too-small",
    "Less than the bank gives back",
    "The bank gives back INR 1.00 or more, or all that is left.",
    "Ask for `minimum` or more.",
)
REFUND_STALE: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "stale-available-amount",
    "The amount left has changed",
    "What is left to refund is no longer what the request says.",
    "Read the payment again, then decide with the `available_amount` of now.",
)
TOO_MANY_REFUNDS: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "too-many-refunds",
    "Too many refunds of one payment",
    "The bank takes no further refund request for this order.",
    "Give the rest back another way, and say so in the payment's record.",
)
SECOND_PERSON: Final = ProblemType(
    HTTPStatus.FORBIDDEN,
    "second-person-needed",
    "Another person has to approve",
    "A refund above the limit is approved by someone else than who asked for it.",
    "Ask a colleague with the same permission to approve it.",
)
REFUND_REASON: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "refund-reason-refused",
    "A reason is needed",
    "A refund is written down with a reason in printable words of bounded length.",
    "Say in a few words why the money goes back.",
)
NOT_UNDER_REVIEW: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "not-under-review",
    "Not under review",
    "The payment is not, or no longer, under review for this reason. Nothing was done.",
    "Read the list of payments under review again; its reason may have ended meanwhile.",
)
RESOLUTION_UNLAWFUL: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "resolution-unlawful",
    "This does not end the review",
    "The action does not end this reason, or not while the payment is in its present state. "
    "Nothing was done.",
    "Take one of the actions in `lawful`, or wait until the payment has moved.",
)
DISCREPANCY_STALE: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "discrepancy-stale",
    "The discrepancy has moved",
    "A run or another person has changed the discrepancy since it was shown. Nothing was done.",
    "Look at it again and decide on what it is now; `version` is the present one.",
)
DISCREPANCY_STATE: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "discrepancy-state-wrong",
    "Not in this state",
    "The discrepancy is closed, is being read again, or awaits approval, so that the action is not possible.",
    "Look at it again: what is resolved can be undone, what is proposed approved or rejected.",
)
RESOLUTION_ACTION: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "resolution-action-unlawful",
    "This does not end the discrepancy",
    "The action is no answer to the cause of this discrepancy. Nothing was done.",
    "Take one of the actions in `lawful`.",
)
RESOLUTION_FIELD: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "resolution-field-refused",
    "The action needs something else",
    "The action needs an account, a payment or a day, or does not take the one that was named.",
    "Change the field in `errors`.",
)
RESOLUTION_NOTE: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "resolution-note-refused",
    "A note is needed",
    "A resolution is written down with a note of 3 to 500 printable characters.",
    "Say in a few words why.",
)
RESOLUTION_SECOND_PERSON: Final = ProblemType(
    HTTPStatus.FORBIDDEN,
    "resolution-second-person-needed",
    "Another person has to approve",
    "A resolution above the limit, and any that is never one person's, is approved by someone else than who "
    "proposed it.",
    "Ask a colleague with the same permission to approve it.",
)
NOT_AWAITING_APPROVAL: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "not-awaiting-approval",
    "Nothing awaits approval",
    "No resolution of this discrepancy awaits approval: it was decided, or a run has found something else.",
    "Look at the discrepancy again.",
)
RESOLUTION_OVERTAKEN: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "resolution-overtaken",
    "Another difference was found",
    "A run has found another difference than the one that was decided about. Nothing was posted.",
    "Reject the proposal, and decide on the difference that there is now.",
)
NOTHING_IN_FORCE: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "nothing-in-force",
    "Nothing to undo",
    "No resolution of this discrepancy is in force that can be undone; a refund that was asked for cannot.",
    "Look at the discrepancy again.",
)
UNDO_REFUSED: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "undo-refused",
    "Cannot be undone",
    "What followed cannot be taken back here: a run counts the released line, or the dispute has ended.",
    "Do what the detail says, or look at the discrepancy again.",
)
TOO_MANY_DISCREPANCIES: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "too-many-discrepancies",
    "Too many at once",
    "One request resolves a bounded number of discrepancies. Nothing of it was done.",
    "Send several requests.",
)
REFUND_DECIDED: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "refund-already-decided",
    "Already decided",
    "The refund does not wait for this decision any more.",
    "Read the payment again.",
)
DOCUMENT_NOT_READY: Final = ProblemType(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "document-not-ready",
    "The document is not ready yet",
    "The document is due, and its file is being made: for a moment after a payment or refund, and "
    "again should the file be lost.",
    "Ask again after the time in Retry-After; the same document comes by email as well.",
)
NO_DOCUMENT: Final = ProblemType(
    HTTPStatus.NOT_FOUND,
    "no-document",
    "There is no document",
    "Nothing was paid here, or what was paid bought nothing and goes back: neither is invoiced.",
    "Read the payment's status. A payment that opened a course for money has an invoice.",
)

FILE_STEP_ILLEGAL: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "file-step-illegal",
    "The file is not in that state",
    "What was asked for is not possible for a settlement file in its state. Nothing was done.",
    "Read the file again: somebody may have released it, or a better file may stand for it.",
)
PREVIEW_DIFFERS: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "preview-differs",
    "It is another file than was shown",
    "The hash that was named is not that of the file that was sent. Nothing was taken.",
    "Send the file without `take`, look at what is shown, and name the hash of that preview.",
)
REISSUE_NOT_WAITING: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "reissue-not-waiting",
    "No re-issue waits",
    "The file holds no re-issue of that settlement that waits for a person. Nothing was done.",
    "Read the file again: somebody may have taken it, or a later file may stand for it.",
)
PERIOD_CLOSED: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "period-closed",
    "The period is closed",
    "All days up to the one that was named are closed in the ledger already. Nothing was done.",
    "Name a later day. What is posted about a closed day stands on the first open one.",
)
PERIOD_NOT_OVER: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "period-not-over",
    "The period is not over",
    "A period of the ledger can be closed up to yesterday, in India. Nothing was done.",
    "Name an earlier day.",
)

RANGE_REFUSED: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "range-refused",
    "This range is not reconciled",
    "At most 31 business dates up to today, in India, are reconciled at once. Nothing was begun.",
    "Name a first day that is not behind the last one, and a shorter range that is not in the future.",
)
ALERT_NOT_FIRING: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "alert-not-firing",
    "The alert does not fire",
    "Only an alert that goes on can be acknowledged. It may have been resolved meanwhile.",
    "Read the alerts again; there may be nothing left to do.",
)
SILENCE_REFUSED: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "silence-refused",
    "The alert is not silenced",
    "A silence needs a reason of at most 200 characters and an end within 24 hours. A note has the same length.",
    "Send a reason and an end; silence it again when it is over.",
)
ENDPOINT_REFUSED: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "endpoint-refused",
    "The webhook endpoint cannot be taken",
    "Its url is not HTTPS on port 443, holds a password or a fragment, is known already, or there are too many.",
    "Send the url of a public HTTPS endpoint; `detail` says what is wrong.",
)
SERVER_KEY_REFUSED: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "server-key-refused",
    "The server key cannot be taken",
    "It has no scope or one that no key has, an end in the past, or a name that cannot be printed; it is"
    " revoked or expired; or there are too many.",
    "`detail` says what is wrong.",
)
REPLAY_REFUSED: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "replay-refused",
    "This time cannot be replayed",
    "Deliveries are kept for 30 days, and a replay ends after it begins.",
    "Send `since` and `until`, at most 30 days apart.",
)
TOO_MANY_RUNS: Final = ProblemType(
    HTTPStatus.TOO_MANY_REQUESTS,
    "too-many-runs",
    "Too many reconciliations today",
    "One person asks for at most ten reconciliations on a day in India. Nothing was begun.",
    "Wait for the time in Retry-After; the workers reconcile every night, and when a file comes, by themselves.",
)
DEAD_LETTER_REASON: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "dead-letter-reason",
    "The reason cannot be taken",
    "A dead letter is closed undone for a reason that its readers can read. The detail says what is wrong with it.",
    "Say in at most 200 printable characters why it need not be done.",
)
OWN_ACCOUNT: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "own-account",
    "This is your own account",
    "Nobody changes their own roles, suspends themselves or replaces their own app. So one administrator is left.",
    "Ask another administrator, or the operators of the service: they have a command.",
)
STAFF_CHANGED: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "staff-changed",
    "The account was changed meanwhile",
    "Somebody else changed the account since it was read. Nothing was done.",
    "Read the account again, and ask again with its `fingerprint` if it still makes sense.",
)
INVITATION_OVER: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "invitation-over",
    "The QR code cannot be used any more",
    "The secret of an app is confirmed within 15 minutes after it was shown, for the member it was shown for.",
    "Show a new one, and let it be scanned anew.",
)
CONFIGURATION_INVALID: Final = ProblemType(
    HTTPStatus.UNPROCESSABLE_ENTITY,
    "configuration-invalid",
    "The gateway cannot be configured like this",
    "A field of the gateway configuration breaks a rule; `errors` names it.",
    "Correct the field that is named. A secret that stays as it is is left out, never sent as its mask.",
)
CONFIGURATION_PENDING: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "configuration-pending",
    "Another version is waiting",
    "A version of the gateway configuration is proposed, or approved and not yet in effect.",
    "Approve it, or reject it. Then propose yours.",
)
CONFIGURATION_CHANGED: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "configuration-changed",
    "The configuration was changed meanwhile",
    "Another version is in effect than the one the change was made from. Nothing was done.",
    "Read the configuration again, and propose the change from what is in effect now.",
)
CONFIGURATION_UNCHANGED: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "configuration-unchanged",
    "Nothing would change",
    "What was sent is in effect already, so there is no version to make of it.",
    "Send what is to be different.",
)
CONFIGURATION_DECIDED: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "configuration-decided",
    "The version is decided",
    "The version was approved, rejected or replaced already, or nobody decided within 72 hours.",
    "Read the configuration again. What lapsed is proposed anew.",
)
CONFIGURATION_LOCKED: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "configuration-locked",
    "The configuration is kept in the environment",
    "The operator has set `SHULK_GATEWAY_CONFIG=environment`: no stored version is in effect.",
    "Ask the operator to take the setting away.",
)
OWN_PROPOSAL: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "own-proposal",
    "This is your own proposal",
    "A credential, or what allows more than before, is approved by another officer than the one who proposed it.",
    "Ask another administrator. You may withdraw it.",
)
OLD_SECRETS_ACCEPTED: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "old-secrets-accepted",
    "The secrets before are still accepted",
    "After a rotation the bank may prove itself by the old response key and webhook password for 48 hours.",
    "End the old secrets when the bank uses the new ones; then rotate again.",
)
NO_OLD_SECRETS: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "no-old-secrets",
    "There are no old secrets",
    "No secret but those in effect is accepted, or they belong to another version.",
    "Nothing needs to be done.",
)
SECRET_UNREADABLE: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "secret-unreadable",
    "A stored secret cannot be read",
    "The key that a secret was encrypted under is not among the keys of this service any more.",
    "Enter the secret again, or give the service the key back (`SHULK_CIPHER_KEYS`).",
)
JOB_RUNNING: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "job-running",
    "The job is running already",
    "The job is running, or was asked for and waits for a worker. One run at a time goes on, whoever asks.",
    "Look at the list of jobs: `since` says since when it runs or waits. Ask again when that run has ended.",
)
RUN_NOT_CONCLUDED: Final = ProblemType(
    HTTPStatus.CONFLICT,
    "run-not-concluded",
    "The reconciliation came to nothing yet",
    "The reconciliation waits, is running, or has failed: there is nothing to export.",
    "Read it again: once it is complete or incomplete it can be exported. Ask for a new one if it has failed.",
)

BODY_TOO_SLOW: Final = ProblemType(
    HTTPStatus.REQUEST_TIMEOUT,
    "body-too-slow",
    "The body took too long",
    "The body of the request did not arrive in time. Nothing was done.",
    "Send the same request again, all at once.",
)
PLATFORM_KEYS_UNAVAILABLE: Final = ProblemType(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "platform-keys-unavailable",
    "Tokens cannot be checked now",
    "The platform's public keys could not be read, so no token can be checked. Nothing was done.",
    "Send the same request again after the time in Retry-After.",
)

PROBLEM_TYPES: Final[tuple[ProblemType, ...]] = tuple(
    sorted(
        (each for each in list(vars().values()) if isinstance(each, ProblemType)),
        key=lambda kind: kind.slug,
    )
)
BY_SLUG: Final = {kind.slug: kind for kind in PROBLEM_TYPES}
