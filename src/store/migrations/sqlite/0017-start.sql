-- The first schema. Every instant is an INTEGER of epoch milliseconds that the caller passed in; structured values are
-- JSON in TEXT. `seq` is the order of arrival.
--
-- Partial indexes never say IS NOT NULL: with one on its table, SQLite compiles statements anew each time a parameter is
-- bound, which costs ten times their execution.

CREATE TABLE committed (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  commits INTEGER NOT NULL,
  deliveries INTEGER NOT NULL,
  events INTEGER NOT NULL,
  incidents INTEGER NOT NULL,
  head TEXT NOT NULL,
  newest_at INTEGER NOT NULL,
  -- The Merkle tree over the hashes of all events, as far as it takes to go on with it; see tree.ts.
  tree TEXT NOT NULL
) STRICT;

INSERT INTO committed VALUES (1, 0, 0, 0, 0, '', 0, '0');

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every input, as it came: written once, and never changed. Each is in one of the three tables behind it.
CREATE TABLE inbox (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  origin TEXT NOT NULL,
  actor TEXT NOT NULL,
  source TEXT,
  delivery_id TEXT,
  received_at INTEGER NOT NULL,
  headers TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT;

-- NULL sources are one namespace (Idempotency-Keys, prefixed by their token); NULL delivery ids never collide.
CREATE UNIQUE INDEX inbox_delivery ON inbox (ifnull(source, ''), delivery_id) WHERE typeof(delivery_id) = 'text';

-- Inputs that are to be decided at once. By themselves, so that those that wait need not be walked over to find them.
CREATE TABLE inbox_ready (
  seq INTEGER PRIMARY KEY
) STRICT;

-- Inputs that wait, and those whose decision failed.
CREATE TABLE inbox_postponed (
  seq INTEGER PRIMARY KEY,
  not_before INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  -- It is meant to wait, for another word of its sender.
  is_held INTEGER NOT NULL CHECK (is_held IN (0, 1)),
  disposition TEXT
) STRICT;

CREATE INDEX inbox_waiting ON inbox_postponed (not_before, seq);

-- What became of the others.
CREATE TABLE inbox_decided (
  seq INTEGER PRIMARY KEY,
  decided_at INTEGER NOT NULL,
  disposition TEXT NOT NULL
) STRICT;

-- Current state per alert.
CREATE TABLE alerts (
  source TEXT NOT NULL,
  dedup_key TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('firing', 'resolved', 'stale')),
  starts_at INTEGER,
  observed_at INTEGER NOT NULL,
  heard_at INTEGER NOT NULL,
  sender_group TEXT NOT NULL,
  cleared_at INTEGER,
  held TEXT,
  incident TEXT NOT NULL,
  title TEXT NOT NULL,
  labels TEXT NOT NULL,
  PRIMARY KEY (source, dedup_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX alerts_group ON alerts (source, sender_group, status);

CREATE INDEX alerts_heard ON alerts (source, heard_at) WHERE status = 'firing';

CREATE INDEX alerts_incident ON alerts (incident, status);

-- Kept in step with `alerts`: a storm asks every turn, and counting ten thousand rows every turn is too slow.
CREATE TABLE alert_counts (
  incident TEXT PRIMARY KEY,
  firing INTEGER NOT NULL,
  stale INTEGER NOT NULL,
  held INTEGER NOT NULL,
  total INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What subjects share: a group of alerts, an address that rings. Unique, so that of two who want one only one can have it.
CREATE TABLE claims (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  holder TEXT NOT NULL,
  value TEXT,
  PRIMARY KEY (kind, key, holder)
) STRICT, WITHOUT ROWID;

-- A group and an address have one holder; of a component every incident may say something, and any number may wait for a
-- sender's group to be told of in whole.
CREATE UNIQUE INDEX claims_single ON claims (kind, key) WHERE kind NOT IN ('component', 'left_out');

CREATE INDEX claims_holder ON claims (holder, kind);

-- The timeline of record. `hash` covers `previous` and the event; see chain.ts. `seq` is the order over all incidents, also of
-- those that are archived; by it they stand one behind the other, and the pages of the table are full.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  version INTEGER NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  event TEXT NOT NULL,
  UNIQUE (kind, subject, version)
) STRICT;

-- A cache of the fold over `events`, with the columns that lists need, and the one instant at which the incident is
-- looked at again: with how urgent that is, and the policy and readings that it was derived from.
CREATE TABLE incidents (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  head TEXT NOT NULL,
  is_open INTEGER NOT NULL CHECK (is_open IN (0, 1)),
  opened_at INTEGER NOT NULL,
  source TEXT NOT NULL,
  service TEXT,
  is_storm INTEGER NOT NULL,
  is_alone INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_hash TEXT NOT NULL,
  wake_rank INTEGER NOT NULL,
  wake_at INTEGER NOT NULL,
  wake_basis TEXT NOT NULL,
  is_awake INTEGER NOT NULL CHECK (is_awake IN (0, 1)),
  last_event_at INTEGER NOT NULL,
  -- File of the archive that holds its state, its events and its effects; empty: they are here.
  archive TEXT NOT NULL,
  -- Rows of it are still to be deleted here.
  is_moving INTEGER NOT NULL CHECK (is_moving IN (0, 1))
) STRICT;

CREATE INDEX incidents_open ON incidents (seq) WHERE is_open = 1;
-- What tells of a storm: who has gathered one, and what it would gather.
CREATE INDEX incidents_storm ON incidents (opened_at) WHERE is_storm = 1 AND is_open = 1;
CREATE INDEX incidents_alone ON incidents (opened_at) WHERE is_alone = 1;
CREATE INDEX incidents_wake ON incidents (wake_at, wake_rank, seq, is_awake) WHERE is_awake = 1;
CREATE INDEX incidents_basis ON incidents (wake_basis) WHERE is_awake = 1;
-- Open incidents without a wake-up: there should be none, and looking for them must cost nothing.
CREATE INDEX incidents_lost ON incidents (id, is_open, is_awake) WHERE is_open = 1 AND is_awake = 0;

-- What may be archived, the oldest first, and what is not deleted here as a whole.
CREATE INDEX incidents_settled ON incidents (last_event_at, seq) WHERE is_open = 0 AND is_awake = 0 AND archive = '';
CREATE INDEX incidents_moving ON incidents (seq) WHERE is_moving = 1;

-- What each file of the archive holds at least: less is a file that was lost, cut or put back from before.
CREATE TABLE archives (
  file TEXT PRIMARY KEY,
  incidents INTEGER NOT NULL,
  events INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Effects on their way out.
CREATE TABLE outbox (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  incident TEXT NOT NULL,
  stream TEXT NOT NULL,
  lane TEXT NOT NULL CHECK (lane IN ('page', 'internal', 'public', 'housekeeping')),
  rank INTEGER NOT NULL,
  target TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('pending', 'sending', 'ambiguous', 'done', 'dead', 'superseded')),
  is_ambiguous INTEGER NOT NULL,
  is_behind INTEGER NOT NULL CHECK (is_behind IN (0, 1)),
  attempt INTEGER NOT NULL,
  first_due_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  lease_until INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  settled_at INTEGER,
  held_by TEXT,
  last_outcome TEXT,
  refused TEXT,
  effect TEXT NOT NULL
) STRICT;

-- It covers what a lease filters by (SQLite wants the columns of its own condition in it for that), so that rows held back by
-- their target cost no look at the row itself, and those behind another of their stream none at all: in a storm ten
-- thousand stand in one. Its condition is no `status IN (...)`, for which SQLite builds a table at every execution.
CREATE INDEX outbox_due ON outbox (lane, is_behind, rank, due_at, seq, target, status, settled_at)
  WHERE settled_at IS NULL AND status <> 'sending';
CREATE INDEX outbox_unsettled ON outbox (stream, seq, settled_at) WHERE settled_at IS NULL;
CREATE INDEX outbox_sending ON outbox (lease_until) WHERE status = 'sending';
CREATE INDEX outbox_ambiguous ON outbox (seq) WHERE status = 'ambiguous';
CREATE INDEX outbox_dead ON outbox (seq) WHERE status = 'dead';
CREATE INDEX outbox_held ON outbox (held_by, settled_at) WHERE settled_at IS NULL AND status = 'pending' AND typeof(held_by) = 'text';
CREATE INDEX outbox_incident ON outbox (incident, seq);

-- Whichever way a row is settled, the next one of its stream is behind none then.
CREATE TRIGGER outbox_next AFTER UPDATE OF settled_at ON outbox WHEN old.settled_at IS NULL AND new.settled_at IS NOT NULL
BEGIN
  UPDATE outbox SET is_behind = 0 WHERE is_behind = 1
    AND seq = (SELECT min(seq) FROM outbox WHERE stream = new.stream AND settled_at IS NULL);
END;

-- Where a vendor's key or reference leads; one row per ring.
CREATE TABLE pages (
  incident TEXT NOT NULL,
  page TEXT NOT NULL,
  target TEXT NOT NULL,
  key TEXT NOT NULL,
  ref TEXT,
  since INTEGER NOT NULL,
  asked_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'acknowledged', 'closed')),
  unconfirmed INTEGER NOT NULL,
  awaits_answer INTEGER NOT NULL,
  told_at INTEGER,
  unreachable INTEGER NOT NULL,
  address TEXT NOT NULL,
  PRIMARY KEY (incident, page, target, key)
) STRICT, WITHOUT ROWID;

-- Ten thousand may hold one key: the newest of a state are found without the others.
CREATE INDEX pages_key ON pages (target, key, state, since, incident, page);
CREATE INDEX pages_ref ON pages (target, ref) WHERE typeof(ref) = 'text';
CREATE INDEX pages_unconfirmed ON pages (target) WHERE unconfirmed = 1;
-- What the vendor is asked about: rings of one key stay together, for one answer is the answer of all of them.
CREATE INDEX pages_awaiting ON pages (target, key, incident, page) WHERE awaits_answer = 1;
-- What is to be silent or over there.
CREATE INDEX pages_told ON pages (target, told_at) WHERE told_at > 0;
CREATE INDEX pages_unreachable ON pages (incident, page) WHERE unreachable = 1;

-- What was heard last of a vendor's object, and when that happened there by the vendor's clock: no older word undoes it.
CREATE TABLE heard (
  account TEXT NOT NULL,
  ref TEXT NOT NULL,
  about TEXT NOT NULL,
  says INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (account, ref, about)
) STRICT, WITHOUT ROWID;
