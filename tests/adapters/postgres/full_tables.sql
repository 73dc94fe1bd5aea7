-- Students come back four times on average and one of them, a school, two thousand times; one in a
-- hundred payments is under way, the others are over for up to a year. Indexes are made last and
-- nothing is logged, so that it takes seconds.
SET synchronous_commit = off;
SET maintenance_work_mem = '128MB';
ALTER TABLE refund SET UNLOGGED;
ALTER TABLE payment SET UNLOGGED;
ALTER TABLE enrolment SET UNLOGGED;
ALTER TABLE decision_basis SET UNLOGGED;
ALTER TABLE audit_log SET UNLOGGED;
ALTER TABLE inbox SET UNLOGGED;
ALTER TABLE outbox SET UNLOGGED;
ALTER TABLE idempotency SET UNLOGGED;
ALTER TABLE journal SET UNLOGGED;
ALTER TABLE entry SET UNLOGGED;
CREATE TEMP TABLE put_off AS
SELECT indexname AS name, indexdef AS definition FROM pg_indexes
WHERE schemaname = 'public' AND indexname NOT IN (SELECT conname FROM pg_constraint);
DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT * FROM put_off LOOP EXECUTE 'DROP INDEX ' || each.name; END LOOP;
END $$;
CREATE TEMP TABLE seed AS
SELECT n,
       'SK' || translate(lpad(to_hex(n), 18, 'A'), '0189abcdef', 'GHIJKLMNOP') AS id,
       CASE WHEN n % 100 = 7 THEN 'school' ELSE 'student-' || n % 50000 END AS student,
       'course-' || CASE WHEN n % 100 = 7 THEN n ELSE n / 50000 END AS course,
       CASE WHEN n <= 2000 THEN (ARRAY['pending', 'processing'])[1 + (n % 4 = 0)::int]
            ELSE (ARRAY['success', 'success', 'success', 'success', 'success', 'success', 'success',
                        'failed', 'failed', 'expired'])[1 + n % 10] END AS state,
       timestamptz '2026-04-01 06:30:00+00' - n * interval '1 second'
           - CASE WHEN n > 2000 THEN n * interval '2 minutes' ELSE interval '0' END AS at
FROM generate_series(1, 200000) AS n;
INSERT INTO payment (
    id, student_id, student_name, student_email, student_phone, course_id, course_title,
    list_price_paise, discount_paise, taxable_paise, cgst_paise, sgst_paise, igst_paise,
    payable_paise, second_tax, supply, place_code, price_mode, sac, gst_rate, exempt,
    rounding_policy, buyer_name, buyer_state, state, opened_at, expires_at, closed_at,
    gateway_order_id, payment_url, captured_paise, captured_at, bank_txn_id, bank_reference,
    method, card_brand, card_issuer, asked_at, version)
SELECT id, student, 'A Student', student || '@example.com', '+91' || (9845000000 + n % 50000), course, 'A course',
       1180000, 0, 1000000, 90000, 90000, 0, 1180000, 'SGST', 'intra_state', '29', 'inclusive',
       '999293', 18, false, 'half-up-paise-1', 'A Student', '29', state, at,
       at + interval '15 minutes',
       CASE WHEN n > 2000 THEN at + interval '10 minutes' END, 'bank_' || id, 'https://example.com/',
       CASE WHEN state = 'success' THEN 1180000 END, CASE WHEN state = 'success' THEN at END,
       CASE WHEN state = 'success' THEN 'txn' || n END, CASE WHEN state = 'success' THEN 'rrn' || n END,
       CASE WHEN state = 'success' THEN 'UPI' END, CASE WHEN state = 'success' THEN '' END,
       CASE WHEN state = 'success' THEN '' END,
       CASE WHEN n % 3 = 0 THEN at + interval '1 minute' END, 1
FROM seed;
-- One payment in twenty is on its way back, most of them have got there; what it comes to is told by
-- both tables, which a trigger would hold against each other row by row.
SET session_replication_role = replica;
INSERT INTO refund (payment_id, id, number, amount_paise, state, asked_by, asked_at, reason, revokes,
                    outside, decided_by, bank_reference, arn, error)
SELECT id, 'RF' || substr(id, 3), 1, 100000,
       CASE WHEN n % 400 = 3 THEN (ARRAY['awaiting_approval', 'requested', 'pending'])[1 + n % 3]
            ELSE 'success' END, 'staff:farhan', at, 'a reason', false, false, '',
       CASE WHEN n % 400 = 3 THEN '' ELSE 'back' || n END, CASE WHEN n % 400 = 3 THEN '' ELSE 'arn' || n END, ''
FROM seed WHERE state = 'success' AND n % 20 = 3;
UPDATE payment SET
    state = CASE WHEN refund.state = 'success' THEN 'partially_refunded' ELSE 'success' END,
    refunded_paise = CASE WHEN refund.state = 'success' THEN 100000 ELSE 0 END,
    refunding_paise = CASE WHEN refund.state = 'success' THEN 0 ELSE 100000 END
FROM refund WHERE refund.payment_id = payment.id;
INSERT INTO journal (kind, subject, sequence, fact_date, business_date, posted_at)
SELECT 'capture', id, 1, at::date, at::date, at FROM seed WHERE state = 'success';
INSERT INTO entry (journal_id, line, business_date, account, amount_paise, payment_id)
SELECT j.id, e.line, j.business_date, e.account, e.paise, j.subject
FROM journal j, (VALUES (1, 'clearing', 1180000), (2, 'receivable', -1180000)) e (line, account, paise);
-- All but the sales of the last days are settled.
INSERT INTO expectation (payment_id, refund_id, amount_paise, business_date, settled_file, settled_line,
                         settled_paise)
SELECT id, '', 1180000, at::date, CASE WHEN settled THEN repeat('0', 64) END,
       CASE WHEN settled THEN row_number() OVER () END, CASE WHEN settled THEN 1180000 ELSE 0 END
FROM (SELECT *, at < (SELECT max(at) FROM seed) - interval '3 days' AS settled
      FROM seed WHERE state = 'success') s;
INSERT INTO open_expectation (payment_id, refund_id)
SELECT payment_id, refund_id FROM expectation WHERE settled_file IS NULL;
-- One payment in two was in a discrepancy once; those of the last days, and some that nobody ends, are open.
INSERT INTO discrepancy (id, type, cause, subject, ref, settlement, difference_paise, posted_paise, action, lines,
                         rejected_lines, entries, closed, evidence, state, owner, first_found_at, last_found_at,
                         due_at, times_found, closed_by, ids, version)
SELECT 'DC' || substr(id, 3), (ARRAY['amount_mismatch', 'missing_in_gateway'])[1 + n % 2],
       (ARRAY['gross_differs', 'not_settled_when_due'])[1 + n % 2], 'payment', id, 'SIM0001/' || at::date, n, 0,
       'person', '[]', '{}', ARRAY[id], '{}', '[]',
       CASE WHEN n < 800 OR n % 1000 = 0 THEN 'open' ELSE (ARRAY['explained', 'healed', 'resolved'])[1 + n % 3] END,
       (ARRAY['finance', 'bank'])[1 + n % 2], at, at + n % 5 * interval '1 day', at + interval '2 days', 1 + n % 5,
       '', ARRAY['DC' || substr(id, 3), id, 'SIM0001/' || at::date], 1
FROM seed WHERE n % 2 = 0 OR n < 800;
SET session_replication_role = origin;
INSERT INTO decision_basis (payment_id, version, at, kind, told)
SELECT id, version, at + version * interval '5 minutes', 'note', '{"note": "session"}'
FROM seed, generate_series(0, 1) AS version ORDER BY at;
INSERT INTO enrolment (payment_id, student_id, course_id, since)
SELECT DISTINCT ON (student, course) id, student, course, at FROM seed WHERE state = 'success';
INSERT INTO audit_log (at, actor, source, action, subject, to_state, ip, user_agent,
                       correlation_id, facts)
SELECT at, 'bank', 'webhook', 'payment.moved', id, state, '', '', '', '{}'
FROM seed;
INSERT INTO question (id, student_id, since, due_at)
SELECT id, student, at, at + n * interval '10 milliseconds' FROM seed WHERE n <= 2000;
INSERT INTO inbox (event_id, body_sha256, event_name, order_id, status, only_sale, received_at,
                   state, due_at, closed_at)
SELECT 'evt_' || n, md5(n::text), 'ORDER_SUCCEEDED', id, 'CHARGED', false, at,
       CASE WHEN n <= 300 THEN 'new' WHEN n <= 400 THEN 'deferred' ELSE 'applied' END, at,
       CASE WHEN n > 400 THEN at END
FROM seed;
INSERT INTO outbox (errand, payment_id, subject, written_at, state, due_at)
SELECT 'payment_confirmation', id, id, at, CASE WHEN n <= 3000 THEN 'new' ELSE 'done' END, at
FROM seed WHERE state = 'success';
INSERT INTO idempotency (student_id, route, key, body_sha256, payment_id, sealed, locked_until,
                         created_at)
SELECT student, 'initiate', n::text, '', id, true, at, at FROM seed WHERE n % 2 = 0;
INSERT INTO course SELECT 'course-' || n, 'Course ' || n, 1180000, 'inclusive', '999293', 18,
    'online', NULL, false, true FROM generate_series(0, 60) AS n;
DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT * FROM put_off LOOP EXECUTE each.definition; END LOOP;
END $$;
ANALYZE;
