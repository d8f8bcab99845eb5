-- The ledger's tables. A guard here is independent of the program's: the CHECKs and triggers hold
-- whoever writes. Ids are 16-byte UUIDs, instants milliseconds UTC, amounts millicredits.
-- Tables that every turn writes have no foreign keys (`ledger verify` finds what belongs to nothing),
-- and no IN list of more than two, for which SQLite builds a table of its own with every row.

CREATE TABLE pool(
  id BLOB PRIMARY KEY CHECK(length(id)=16),
  epoch BLOB NOT NULL CHECK(length(epoch)=32),
  anchor INTEGER NOT NULL,
  plan TEXT NOT NULL,
  plan_amount INTEGER NOT NULL CHECK(plan_amount>=0),
  next_plan TEXT,
  next_plan_amount INTEGER CHECK(next_plan_amount>=0),
  frozen INTEGER NOT NULL CHECK(frozen IN (0,1)),
  period INTEGER NOT NULL CHECK(period>=0),
  grant_count INTEGER NOT NULL CHECK(grant_count>=0),
  seq INTEGER NOT NULL CHECK(seq>=0), -- dense: the change feed's cursor
  head_hash BLOB NOT NULL CHECK(length(head_hash)=32),
  last_at INTEGER NOT NULL,
  CHECK((next_plan IS NULL)=(next_plan_amount IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE period(
  pool BLOB NOT NULL REFERENCES pool(id),
  no INTEGER NOT NULL,
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  granted INTEGER NOT NULL,
  posted INTEGER NOT NULL,
  pending INTEGER NOT NULL,
  expired INTEGER NOT NULL,
  PRIMARY KEY(pool,no),
  CHECK(starts_at<ends_at),
  CHECK(granted>=0 AND posted>=0 AND pending>=0 AND expired>=0),
  CHECK(posted+pending+expired<=granted)
) STRICT, WITHOUT ROWID;

CREATE TABLE grant_(
  pool BLOB NOT NULL,
  no INTEGER NOT NULL,
  period INTEGER NOT NULL,
  kind TEXT NOT NULL CHECK(kind IN ('plan','promo','topup','admin','refund')),
  amount INTEGER NOT NULL CHECK(amount>0),
  used INTEGER NOT NULL CHECK(used>=0),
  held INTEGER NOT NULL CHECK(held>=0),
  revoked INTEGER NOT NULL CHECK(revoked>=0),
  expired INTEGER NOT NULL CHECK(expired>=0),
  priority INTEGER NOT NULL CHECK(priority>=0),
  effective_at INTEGER NOT NULL,
  expires_at INTEGER,
  source TEXT NOT NULL,
  PRIMARY KEY(pool,no),
  UNIQUE(pool,source),
  FOREIGN KEY(pool,period) REFERENCES period(pool,no),
  CHECK(used+held+revoked+expired<=amount)
) STRICT, WITHOUT ROWID;
CREATE INDEX grant_left ON grant_(pool) WHERE used+held+revoked+expired<amount;
CREATE INDEX grant_plan ON grant_(pool,period) WHERE kind='plan';

CREATE TABLE member(
  pool BLOB NOT NULL REFERENCES pool(id),
  member BLOB NOT NULL CHECK(length(member)=16),
  spend_limit INTEGER CHECK(spend_limit>=0),
  is_removed INTEGER NOT NULL CHECK(is_removed IN (0,1)),
  PRIMARY KEY(pool,member)
) STRICT, WITHOUT ROWID;

-- posted+pending<=spend_limit is in the UPDATE: a limit may be set below what is spent already.
CREATE TABLE member_use(
  pool BLOB NOT NULL,
  member BLOB NOT NULL CHECK(length(member)=16),
  period INTEGER NOT NULL,
  posted INTEGER NOT NULL CHECK(posted>=0),
  pending INTEGER NOT NULL CHECK(pending>=0),
  PRIMARY KEY(pool,member,period)
) STRICT, WITHOUT ROWID;

CREATE TABLE envelope(
  pool BLOB NOT NULL REFERENCES pool(id),
  no INTEGER NOT NULL,
  member BLOB CHECK(length(member)=16),
  scope TEXT NOT NULL, -- day:MINUTES AHEAD OF UTC, conversation:ID or modality:KIND
  cap INTEGER NOT NULL CHECK(cap>=0),
  is_removed INTEGER NOT NULL CHECK(is_removed IN (0,1)),
  PRIMARY KEY(pool,no)
) STRICT, WITHOUT ROWID;

CREATE TABLE envelope_use(
  pool BLOB NOT NULL,
  envelope INTEGER NOT NULL,
  win INTEGER NOT NULL, -- the day, the period, or 0
  posted INTEGER NOT NULL CHECK(posted>=0),
  pending INTEGER NOT NULL CHECK(pending>=0),
  PRIMARY KEY(pool,envelope,win)
) STRICT, WITHOUT ROWID;

CREATE TABLE hold(
  id BLOB PRIMARY KEY CHECK(length(id)=16), -- made from pool and turn, and begins like the turn
  pool BLOB NOT NULL CHECK(length(pool)=16),
  member BLOB NOT NULL CHECK(length(member)=16),
  turn BLOB NOT NULL CHECK(length(turn)=16),
  fingerprint BLOB NOT NULL CHECK(length(fingerprint)=32),
  period INTEGER NOT NULL,
  state TEXT NOT NULL CHECK(state='held' OR state='dispatched' OR state='unknown' OR state='settled' OR state='voided'),
  estimate INTEGER NOT NULL CHECK(estimate>=0),
  ceiling INTEGER NOT NULL CHECK(ceiling>=0),
  charged INTEGER,
  overrun INTEGER NOT NULL CHECK(overrun>=0),
  basis TEXT CHECK(basis IN ('reported','counted')),
  price_version INTEGER NOT NULL CHECK(price_version>=0),
  model TEXT NOT NULL,
  kind TEXT NOT NULL CHECK(kind='chat' OR kind='image' OR kind='video'),
  conversation BLOB CHECK(length(conversation)=16),
  allocations TEXT NOT NULL, -- GRANT:AMOUNT:USED;...
  envelopes TEXT NOT NULL, -- ENVELOPE:WINDOW;...
  provider_op TEXT,
  reason TEXT,
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  dispatched_at INTEGER,
  unknown_since INTEGER,
  resolved_at INTEGER,
  resolved_first INTEGER,
  resolved_last INTEGER,
  CHECK(charged IS NULL OR (charged>=0 AND charged<=ceiling)),
  CHECK((state='settled')=(charged IS NOT NULL)),
  CHECK((state='settled')=(basis IS NOT NULL)),
  CHECK((state IN ('settled','voided'))=(resolved_at IS NOT NULL)),
  CHECK((resolved_at IS NULL)=(resolved_first IS NULL) AND (resolved_at IS NULL)=(resolved_last IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX hold_open ON hold(expires_at) WHERE resolved_at IS NULL;

CREATE TABLE entry(
  pool BLOB NOT NULL CHECK(length(pool)=16),
  seq INTEGER NOT NULL,
  tx INTEGER NOT NULL,
  debit TEXT NOT NULL,
  credit TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK(amount>=0),
  kind TEXT NOT NULL,
  hold BLOB CHECK(length(hold)=16),
  reverses INTEGER,
  detail BLOB CHECK(length(detail)=32),
  actor TEXT NOT NULL,
  reason TEXT,
  at INTEGER NOT NULL,
  prev_hash BLOB NOT NULL CHECK(length(prev_hash)=32),
  hash BLOB NOT NULL CHECK(length(hash)=32),
  PRIMARY KEY(pool,seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_reverses ON entry(pool,reverses) WHERE reverses IS NOT NULL;

CREATE TABLE order_(
  pool BLOB NOT NULL REFERENCES pool(id),
  key TEXT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  approved_by TEXT,
  digest BLOB NOT NULL CHECK(length(digest)=32),
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  PRIMARY KEY(pool,key)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoint(
  pool BLOB NOT NULL REFERENCES pool(id),
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK(length(hash)=32),
  at INTEGER NOT NULL,
  key BLOB NOT NULL CHECK(length(key)=32),
  signature BLOB NOT NULL CHECK(length(signature)=64),
  PRIMARY KEY(pool,seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT,'entries are append only'); END;
CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT,'entries are append only'); END;
CREATE TRIGGER order_no_update BEFORE UPDATE ON order_ BEGIN SELECT RAISE(ABORT,'orders are append only'); END;
CREATE TRIGGER order_no_delete BEFORE DELETE ON order_ BEGIN SELECT RAISE(ABORT,'orders are append only'); END;
CREATE TRIGGER hold_final BEFORE UPDATE ON hold WHEN OLD.state IN ('settled','voided')
  BEGIN SELECT RAISE(ABORT,'a hold ends once'); END;
CREATE TRIGGER hold_no_delete BEFORE DELETE ON hold BEGIN SELECT RAISE(ABORT,'holds are kept'); END;
CREATE TRIGGER grant_no_delete BEFORE DELETE ON grant_ BEGIN SELECT RAISE(ABORT,'grants are kept'); END;
CREATE TRIGGER period_no_delete BEFORE DELETE ON period BEGIN SELECT RAISE(ABORT,'periods are kept'); END;
CREATE TRIGGER pool_no_delete BEFORE DELETE ON pool BEGIN SELECT RAISE(ABORT,'pools are kept'); END;
