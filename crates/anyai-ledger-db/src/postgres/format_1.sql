-- Format 1 to 2. Its first tables had CHECKs where there are domains now, all had one trigger fewer or a
-- slower one: whatever a database has of today's already, it keeps. Column types are changed in place.

SET LOCAL statement_timeout=0;

DO $$
DECLARE
  domains CONSTANT text[] := ARRAY[
    ['not_negative', 'bigint CHECK(VALUE>=0)'],
    ['bytes_32', 'bytea CHECK(length(VALUE)=32)'],
    ['grant_kind', 'text CHECK(VALUE IN (''plan'',''promo'',''topup'',''admin'',''refund''))'],
    ['hold_state', 'text CHECK(VALUE IN (''held'',''dispatched'',''unknown'',''settled'',''voided''))'],
    ['cost_basis', 'text CHECK(VALUE IN (''reported'',''counted''))'],
    ['work_kind', 'text CHECK(VALUE IN (''chat'',''image'',''video''))']];
  one text[];
  old record;
BEGIN
  FOR old IN
    SELECT conrelid::regclass AS of, conname AS name FROM pg_constraint
    WHERE contype='c' AND connamespace=current_schema()::regnamespace AND conrelid IN (
      'pool'::regclass,'period'::regclass,'grant_'::regclass,'member'::regclass,'member_use'::regclass,
      'envelope'::regclass,'envelope_use'::regclass,'hold'::regclass,'entry'::regclass,
      'order_'::regclass,'checkpoint'::regclass)
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', old.of, old.name);
  END LOOP;
  FOREACH one SLICE 1 IN ARRAY domains LOOP
    IF to_regtype(one[1]) IS NULL THEN
      EXECUTE format('CREATE DOMAIN %I AS %s', one[1], one[2]);
    END IF;
  END LOOP;
END $$;

ALTER TABLE pool
  ALTER epoch TYPE bytes_32, ALTER plan_amount TYPE not_negative, ALTER next_plan_amount TYPE not_negative,
  ALTER period TYPE not_negative, ALTER grant_count TYPE not_negative, ALTER seq TYPE not_negative,
  ALTER head_hash TYPE bytes_32,
  ADD CHECK((next_plan IS NULL)=(next_plan_amount IS NULL));
ALTER TABLE period
  ALTER no TYPE not_negative, ALTER granted TYPE not_negative, ALTER posted TYPE not_negative,
  ALTER pending TYPE not_negative, ALTER expired TYPE not_negative,
  ADD CHECK(starts_at<ends_at), ADD CHECK(posted+pending+expired<=granted);
ALTER TABLE grant_
  ALTER kind TYPE grant_kind, ALTER used TYPE not_negative, ALTER held TYPE not_negative,
  ALTER revoked TYPE not_negative, ALTER expired TYPE not_negative, ALTER priority TYPE not_negative,
  ADD CHECK(amount>0), ADD CHECK(used+held+revoked+expired<=amount);
ALTER TABLE member ALTER spend_limit TYPE not_negative;
ALTER TABLE member_use ALTER posted TYPE not_negative, ALTER pending TYPE not_negative;
ALTER TABLE envelope ALTER cap TYPE not_negative;
ALTER TABLE envelope_use ALTER posted TYPE not_negative, ALTER pending TYPE not_negative;
ALTER TABLE hold
  ALTER fingerprint TYPE bytes_32, ALTER state TYPE hold_state, ALTER estimate TYPE not_negative,
  ALTER ceiling TYPE not_negative, ALTER overrun TYPE not_negative, ALTER basis TYPE cost_basis,
  ALTER price_version TYPE not_negative, ALTER kind TYPE work_kind,
  ADD CHECK(charged IS NULL OR (charged>=0 AND charged<=ceiling)),
  ADD CHECK((state='settled')=(charged IS NOT NULL)),
  ADD CHECK((state='settled')=(basis IS NOT NULL)),
  ADD CHECK((state IN ('settled','voided'))=(resolved_at IS NOT NULL)),
  ADD CHECK((resolved_at IS NULL)=(resolved_first IS NULL) AND (resolved_at IS NULL)=(resolved_last IS NULL));
ALTER TABLE entry
  ALTER amount TYPE not_negative, ALTER detail TYPE bytes_32, ALTER prev_hash TYPE bytes_32,
  ALTER hash TYPE bytes_32;
ALTER TABLE order_ ALTER digest TYPE bytes_32;
ALTER TABLE checkpoint
  ALTER hash TYPE bytes_32, ALTER key TYPE bytes_32, ADD CHECK(length(signature)=64);

CREATE OR REPLACE TRIGGER writer_kept BEFORE DELETE ON writer FOR EACH ROW
  WHEN (OLD.since>now()-interval '30 days')
  EXECUTE FUNCTION ledger_refuse('a writer that was seen lately is kept');

CREATE OR REPLACE FUNCTION ledger_entries_dense() RETURNS trigger LANGUAGE plpgsql AS $$
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

UPDATE ledger_format SET format=2;
