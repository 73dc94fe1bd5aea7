"""The invariants of tax documents: each query returns the documents that break one."""

# ruff: noqa: S608 - these texts hold only constants of this code

from typing import Final

from adapters.postgres.invariants.invariant_query import OUTBOX_WHOLE_SINCE, invariant_query

DOCUMENT_QUERIES: Final = (
    invariant_query(
        "document_number_missing",
        means="A series of invoices or notes has a gap, which the law does not allow.",
        remedy="Tell the accountant; nothing but the register may write or remove documents.",
        finds="""
            SELECT n.gstin || ' ' || n.series || ' ' || n.financial_year AS subject,
                   max(d.payment_id) AS key
            FROM document_number n
            LEFT JOIN tax_document d
              ON (d.gstin, d.series, d.financial_year) = (n.gstin, n.series, n.financial_year)
            GROUP BY n.gstin, n.series, n.financial_year, n.last
            HAVING count(d.id) <> n.last OR coalesce(max(d.sequence), 0) <> n.last
        """,
        finds_among="""
            SELECT d.gstin || ' ' || d.series || ' ' || d.financial_year AS subject,
                   d.payment_id AS key
            FROM tax_document d
            LEFT JOIN document_number n
              ON (n.gstin, n.series, n.financial_year) = (d.gstin, d.series, d.financial_year)
            WHERE AMONG(d.payment_id) AND (
                d.sequence > coalesce(n.last, 0)
                OR (d.sequence > 1 AND NOT EXISTS (
                    SELECT FROM tax_document before WHERE before.gstin = d.gstin
                    AND before.number = left(d.number, 9) || lpad((d.sequence - 1)::text, 7, '0')))
                OR NOT EXISTS (
                    SELECT FROM tax_document final WHERE final.gstin = d.gstin
                    AND final.number = left(d.number, 9) || lpad(n.last::text, 7, '0')))
        """,
    ),
    invariant_query(
        "two_documents_of_one_fact",
        means="One capture was invoiced twice, or one refund credited twice.",
        remedy="Cancel one of them in the same period; its number stays in the register.",
        finds="""
            SELECT payment_id AS subject, payment_id AS key FROM tax_document
            WHERE state = 'issued' AND AMONG(payment_id)
            GROUP BY payment_id, refund_id HAVING count(*) > 1
        """,
    ),
    invariant_query(
        "sold_without_document",
        means="Money opened a course an hour ago, and no invoice or bill of supply stands for it.",
        remedy="Look for the payment's task (`shulk dead-letters list`) and whether a worker runs;"
        " `shulk gst issue PAYMENT` issues it.",
        finds="""
            SELECT p.id AS subject, p.id AS key, e.since < :overdue AS broken
            FROM enrolment e JOIN payment p ON p.id = e.payment_id
            WHERE AMONG(e.payment_id) AND p.captured_paise > 0 AND NOT EXISTS (
                SELECT FROM tax_document d WHERE d.payment_id = p.id AND d.refund_id IS NULL
                AND d.state = 'issued')
        """,
    ),
    invariant_query(
        "refunded_without_note",
        means="An invoiced sale was given back, in part or whole, and no note takes its tax back.",
        remedy="See why the note was given up (`shulk dead-letters list`); `shulk gst issue PAYMENT --refund"
        " REFUND` issues it. Where none can be issued, close the task with the reason.",
        finds="""
            SELECT r.id AS subject, r.payment_id AS key, r.closed_at < :overdue AS broken
            FROM refund r JOIN tax_document i ON i.payment_id = r.payment_id AND i.refund_id IS NULL
                               AND i.state = 'issued'
            WHERE AMONG(r.payment_id) AND r.state = 'success' AND NOT EXISTS (
                SELECT FROM tax_document n WHERE n.payment_id = r.payment_id
                AND n.refund_id = r.id AND n.state = 'issued')
            AND NOT EXISTS (
                -- Closed by a person, with a reason.
                SELECT FROM outbox o WHERE o.payment_id = r.payment_id AND o.subject = r.id
                AND o.errand = 'credit_note' AND o.state = 'done' AND o.why IS NOT NULL)
        """,
    ),
    invariant_query(
        "document_not_filed",
        means="A document was issued, or declared void, an hour ago, and its copies are not on file so.",
        remedy="Is the file store away, or the task given up (`shulk dead-letters list`)? Filing goes on by"
        " itself once that is repaired.",
        finds="""
            SELECT d.number AS subject, d.payment_id AS key,
                   (d.issued_at < :overdue AND filed.copies < 2)
                   OR coalesce(d.cancelled_at < :overdue AND filed.void_copies < 2, false) AS broken
            FROM tax_document d, LATERAL (
                SELECT count(DISTINCT f.copy) AS copies,
                       count(DISTINCT f.copy) FILTER (WHERE f.void) AS void_copies
                FROM document_file f WHERE f.gstin = d.gstin AND f.number = d.number
            ) filed
            WHERE AMONG(d.payment_id)
              AND (filed.copies < 2 OR (d.cancelled_at IS NOT NULL AND filed.void_copies < 2))
        """,
    ),
    invariant_query(
        "document_without_letter",
        means="A document was issued an hour ago, and the outbox holds no email that sends it.",
        remedy="If it is not filed, repair that: the email follows. Otherwise write the outbox entry that"
        " is missing, and find the write that left it out.",
        finds=f"""
            SELECT d.number AS subject, d.payment_id AS key, d.issued_at < :overdue AS broken
            FROM tax_document d
            WHERE AMONG(d.payment_id) AND d.state = 'issued' AND d.issued_at >= {OUTBOX_WHOLE_SINCE}
            AND NOT EXISTS (
                SELECT FROM outbox o WHERE o.payment_id = d.payment_id
                AND o.subject = coalesce(d.refund_id, d.payment_id) AND o.errand =
                CASE WHEN d.refund_id IS NULL THEN 'payment_confirmation'
                     ELSE 'refund_confirmation' END)
        """,
    ),
    invariant_query(
        "credited_above_invoice",
        means="The notes against an invoice take back more than it charged, in some head of tax.",
        remedy="Cancel the last note in the same period and issue it anew.",
        finds="""
            SELECT i.number AS subject, i.payment_id AS key FROM tax_document i
            JOIN tax_document n ON n.gstin = i.gstin AND n.original_number = i.number
                               AND n.state = 'issued'
            WHERE AMONG(i.payment_id)
            GROUP BY i.id HAVING sum(n.cgst_paise) > i.cgst_paise
                OR sum(n.igst_paise) > i.igst_paise
                OR sum(n.taxable_paise + n.cgst_paise + n.sgst_paise + n.igst_paise)
                   > i.taxable_paise + i.cgst_paise + i.sgst_paise + i.igst_paise
        """,
    ),
)
