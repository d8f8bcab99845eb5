-- The ledger's tables, as in sqlite/schema.sql. A guard here is independent of the program's: the
-- CHECKs and triggers hold whoever writes. Instants are milliseconds UTC, amounts millicredits.
-- Tables that every turn writes have no foreign keys: `ledger verify` finds what belongs to nothing.
-- Rows that are changed often leave room in their page, so that a change touches no index.
-- What one column may hold is its domain: a table's own CHECKs are parsed again by every statement.

CREATE DOMAIN not_negative AS bigint CHECK(VALUE>=0);
CREATE DOMAIN bytes_32 AS bytea CHECK(length(VALUE)=32);
CREATE DOMAIN grant_kind AS text CHECK(VALUE IN ('plan','promo','topup','admin','refund'));
CREATE DOMAIN hold_state AS text CHECK(VALUE IN ('held','dispatched','unknown','settled','voided'));
CREATE DOMAIN cost_basis AS text CHECK(VALUE IN ('reported','counted'));
CREATE DOMAIN work_kind AS text CHECK(VALUE IN ('chat','image','video'));

CREATE TABLE ledger_format(format bigint NOT NULL);

-- One row a writer: the last batch it committed, and when, for when its answer was lost.
CREATE TABLE writer(
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  since timestamptz NOT NULL DEFAULT now(),
  batch bigint NOT NULL DEFAULT 0
) WITH (fillfactor=20);

CREATE TABLE pool(
  id uuid PRIMARY KEY,
  epoch bytes_32 NOT NULL,
  anchor bigint NOT NULL,
  plan text NOT NULL,
  plan_amount not_negative NOT NULL,
  next_plan text,
  next_plan_amount not_negative,
  frozen boolean NOT NULL,
  period not_negative NOT NULL,
  grant_count not_negative NOT NULL,
  seq not_negative NOT NULL, -- dense: the change feed's cursor
  head_hash bytes_32 NOT NULL,
  last_at bigint NOT NULL,
  CHECK((next_plan IS NULL)=(next_plan_amount IS NULL))
) WITH (fillfactor=40);

CREATE TABLE period(
  pool uuid NOT NULL REFERENCES pool(id),
  no not_negative NOT NULL,
  starts_at bigint NOT NULL,
  ends_at bigint NOT NULL,
  granted not_negative NOT NULL,
  posted not_negative NOT NULL,
  pending not_negative NOT NULL,
  expired not_negative NOT NULL,
  PRIMARY KEY(pool,no),
  CHECK(starts_at<ends_at),
  CHECK(posted+pending+expired<=granted)
) WITH (fillfactor=40);

CREATE TABLE grant_(
  pool uuid NOT NULL,
  no bigint NOT NULL,
  period bigint NOT NULL,
  kind grant_kind NOT NULL,
  amount bigint NOT NULL CHECK(amount>0),
  used not_negative NOT NULL,
  held not_negative NOT NULL,
  revoked not_negative NOT NULL,
  expired not_negative NOT NULL,
  priority not_negative NOT NULL,
  effective_at bigint NOT NULL,
  expires_at bigint,
  source text NOT NULL,
  PRIMARY KEY(pool,no),
  UNIQUE(pool,source),
  FOREIGN KEY(pool,period) REFERENCES period(pool,no),
  CHECK(used+held+revoked+expired<=amount)
) WITH (fillfactor=40);

CREATE TABLE member(
  pool uuid NOT NULL REFERENCES pool(id),
  member uuid NOT NULL,
  spend_limit not_negative,
  is_removed boolean NOT NULL,
  PRIMARY KEY(pool,member)
);

-- posted+pending<=spend_limit is in the UPDATE: a limit may be set below what is spent already.
CREATE TABLE member_use(
  pool uuid NOT NULL,
  member uuid NOT NULL,
  period bigint NOT NULL,
  posted not_negative NOT NULL,
  pending not_negative NOT NULL,
  PRIMARY KEY(pool,member,period)
) WITH (fillfactor=40);

CREATE TABLE envelope(
  pool uuid NOT NULL REFERENCES pool(id),
  no bigint NOT NULL,
  member uuid,
  scope text NOT NULL, -- day:MINUTES AHEAD OF UTC, conversation:ID or modality:KIND
  cap not_negative NOT NULL,
  is_removed boolean NOT NULL,
  PRIMARY KEY(pool,no)
);

CREATE TABLE envelope_use(
  pool uuid NOT NULL,
  envelope bigint NOT NULL,
  win bigint NOT NULL, -- the day, the period, or 0
  posted not_negative NOT NULL,
  pending not_negative NOT NULL,
  PRIMARY KEY(pool,envelope,win)
) WITH (fillfactor=40);

CREATE TABLE hold(
  id uuid PRIMARY KEY, -- made from pool and turn, and begins like the turn
  pool uuid NOT NULL,
  member uuid NOT NULL,
  turn uuid NOT NULL,
  fingerprint bytes_32 NOT NULL,
  period bigint NOT NULL,
  state hold_state NOT NULL,
  estimate not_negative NOT NULL,
  ceiling not_negative NOT NULL,
  charged bigint,
  overrun not_negative NOT NULL,
  basis cost_basis,
  price_version not_negative NOT NULL,
  model text NOT NULL,
  kind work_kind NOT NULL,
  conversation uuid,
  allocations text NOT NULL, -- GRANT:AMOUNT:USED;...
  envelopes text NOT NULL, -- ENVELOPE:WINDOW;...
  provider_op text,
  reason text,
  expires_at bigint NOT NULL,
  created_at bigint NOT NULL,
  dispatched_at bigint,
  unknown_since bigint,
  resolved_at bigint,
  resolved_first bigint,
  resolved_last bigint,
  CHECK(charged IS NULL OR (charged>=0 AND charged<=ceiling)),
  CHECK((state='settled')=(charged IS NOT NULL)),
  CHECK((state='settled')=(basis IS NOT NULL)),
  CHECK((state IN ('settled','voided'))=(resolved_at IS NOT NULL)),
  CHECK((resolved_at IS NULL)=(resolved_first IS NULL) AND (resolved_at IS NULL)=(resolved_last IS NULL))
) WITH (fillfactor=75);
CREATE INDEX hold_open ON hold(expires_at) WHERE resolved_at IS NULL;

CREATE TABLE entry(
  pool uuid NOT NULL,
  seq bigint NOT NULL,
  tx bigint NOT NULL,
  debit text NOT NULL,
  credit text NOT NULL,
  amount not_negative NOT NULL,
  kind text NOT NULL,
  hold uuid,
  reverses bigint,
  detail bytes_32,
  actor text NOT NULL,
  reason text,
  at bigint NOT NULL,
  prev_hash bytes_32 NOT NULL,
  hash bytes_32 NOT NULL,
  PRIMARY KEY(pool,seq)
);
CREATE INDEX entry_reverses ON entry(pool,reverses) WHERE reverses IS NOT NULL;

CREATE TABLE order_(
  pool uuid NOT NULL REFERENCES pool(id),
  key text NOT NULL,
  actor text NOT NULL,
  reason text NOT NULL,
  approved_by text,
  digest bytes_32 NOT NULL,
  first_seq bigint NOT NULL,
  last_seq bigint NOT NULL,
  PRIMARY KEY(pool,key)
);

CREATE TABLE checkpoint(
  pool uuid NOT NULL REFERENCES pool(id),
  seq bigint NOT NULL,
  hash bytes_32 NOT NULL,
  at bigint NOT NULL,
  key bytes_32 NOT NULL,
  signature bytea NOT NULL CHECK(length(signature)=64),
  PRIMARY KEY(pool,seq)
);

CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE='integrity_constraint_violation', MESSAGE=TG_ARGV[0];
END $$;

CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
  EXECUTE FUNCTION ledger_refuse('entries are append only');
CREATE TRIGGER order_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON order_
  EXECUTE FUNCTION ledger_refuse('orders are append only');
CREATE TRIGGER hold_final BEFORE UPDATE ON hold FOR EACH ROW WHEN (OLD.resolved_at IS NOT NULL)
  EXECUTE FUNCTION ledger_refuse('a hold ends once');
CREATE TRIGGER hold_kept BEFORE DELETE OR TRUNCATE ON hold
  EXECUTE FUNCTION ledger_refuse('holds are kept');
CREATE TRIGGER grant_kept BEFORE DELETE OR TRUNCATE ON grant_
  EXECUTE FUNCTION ledger_refuse('grants are kept');
CREATE TRIGGER period_kept BEFORE DELETE OR TRUNCATE ON period
  EXECUTE FUNCTION ledger_refuse('periods are kept');
CREATE TRIGGER writer_kept BEFORE DELETE ON writer FOR EACH ROW
  WHEN (OLD.since>now()-interval '30 days')
  EXECUTE FUNCTION ledger_refuse('a writer that was seen lately is kept');
CREATE TRIGGER pool_kept BEFORE DELETE OR TRUNCATE ON pool
  EXECUTE FUNCTION ledger_refuse('pools are kept');

-- Once a statement, not once a row: every pool's new entries follow its last one without a gap.
CREATE FUNCTION ledger_entries_dense() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM (SELECT pool, min(seq) AS first, max(seq) AS last, count(*) AS rows FROM added GROUP BY pool) a
    WHERE a.last-a.first+1<>a.rows
      OR (a.first<>1 AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.pool=a.pool AND e.seq=a.first-1))
  ) THEN
    RAISE EXCEPTION USING ERRCODE='integrity_constraint_violation', MESSAGE='entries have no gaps';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entry_dense AFTER INSERT ON entry REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_dense();
