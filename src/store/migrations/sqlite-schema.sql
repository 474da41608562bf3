CREATE TRIGGER outbox_next AFTER UPDATE OF settled_at ON outbox WHEN old.settled_at IS NULL AND new.settled_at IS NOT NULL
BEGIN
  UPDATE outbox SET is_behind = 0 WHERE is_behind = 1
    AND seq = (SELECT min(seq) FROM outbox WHERE stream = new.stream AND settled_at IS NULL);
END;

CREATE TABLE alert_counts (
  incident TEXT PRIMARY KEY,
  firing INTEGER NOT NULL,
  stale INTEGER NOT NULL,
  held INTEGER NOT NULL,
  total INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE TABLE archives (
  file TEXT PRIMARY KEY,
  incidents INTEGER NOT NULL,
  events INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE claims (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  holder TEXT NOT NULL,
  value TEXT,
  PRIMARY KEY (kind, key, holder)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE TABLE heard (
  account TEXT NOT NULL,
  ref TEXT NOT NULL,
  about TEXT NOT NULL,
  says INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (account, ref, about)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE inbox_decided (
  seq INTEGER PRIMARY KEY,
  decided_at INTEGER NOT NULL,
  disposition TEXT NOT NULL
) STRICT;

CREATE TABLE inbox_postponed (
  seq INTEGER PRIMARY KEY,
  not_before INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  -- It is meant to wait, for another word of its sender.
  is_held INTEGER NOT NULL CHECK (is_held IN (0, 1)),
  disposition TEXT
) STRICT;

CREATE TABLE inbox_ready (
  seq INTEGER PRIMARY KEY
) STRICT;

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

CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

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

CREATE INDEX alerts_group ON alerts (source, sender_group, status);

CREATE INDEX alerts_heard ON alerts (source, heard_at) WHERE status = 'firing';

CREATE INDEX alerts_incident ON alerts (incident, status);

CREATE INDEX claims_holder ON claims (holder, kind);

CREATE UNIQUE INDEX claims_single ON claims (kind, key) WHERE kind NOT IN ('component', 'left_out');

CREATE UNIQUE INDEX inbox_delivery ON inbox (ifnull(source, ''), delivery_id) WHERE typeof(delivery_id) = 'text';

CREATE INDEX inbox_waiting ON inbox_postponed (not_before, seq);

CREATE INDEX incidents_alone ON incidents (opened_at) WHERE is_alone = 1;

CREATE INDEX incidents_basis ON incidents (wake_basis) WHERE is_awake = 1;

CREATE INDEX incidents_lost ON incidents (id, is_open, is_awake) WHERE is_open = 1 AND is_awake = 0;

CREATE INDEX incidents_moving ON incidents (seq) WHERE is_moving = 1;

CREATE INDEX incidents_open ON incidents (seq) WHERE is_open = 1;

CREATE INDEX incidents_settled ON incidents (last_event_at, seq) WHERE is_open = 0 AND is_awake = 0 AND archive = '';

CREATE INDEX incidents_storm ON incidents (opened_at) WHERE is_storm = 1 AND is_open = 1;

CREATE INDEX incidents_wake ON incidents (wake_at, wake_rank, seq, is_awake) WHERE is_awake = 1;

CREATE INDEX outbox_ambiguous ON outbox (seq) WHERE status = 'ambiguous';

CREATE INDEX outbox_dead ON outbox (seq) WHERE status = 'dead';

CREATE INDEX outbox_due ON outbox (lane, is_behind, rank, due_at, seq, target, status, settled_at)
  WHERE settled_at IS NULL AND status <> 'sending';

CREATE INDEX outbox_held ON outbox (held_by, settled_at) WHERE settled_at IS NULL AND status = 'pending' AND typeof(held_by) = 'text';

CREATE INDEX outbox_incident ON outbox (incident, seq);

CREATE INDEX outbox_sending ON outbox (lease_until) WHERE status = 'sending';

CREATE INDEX outbox_unsettled ON outbox (stream, seq, settled_at) WHERE settled_at IS NULL;

CREATE INDEX pages_awaiting ON pages (target, key, incident, page) WHERE awaits_answer = 1;

CREATE INDEX pages_key ON pages (target, key, state, since, incident, page);

CREATE INDEX pages_ref ON pages (target, ref) WHERE typeof(ref) = 'text';

CREATE INDEX pages_told ON pages (target, told_at) WHERE told_at > 0;

CREATE INDEX pages_unconfirmed ON pages (target) WHERE unconfirmed = 1;

CREATE INDEX pages_unreachable ON pages (incident, page) WHERE unreachable = 1;
