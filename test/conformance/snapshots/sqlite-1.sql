-- A live database as schema 1 left it. Written once and never changed: it stands for the databases of users.
BEGIN;
CREATE TABLE alert_counts (
  incident TEXT PRIMARY KEY,
  firing INTEGER NOT NULL,
  total INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE alerts (
  source TEXT NOT NULL,
  dedup_key TEXT NOT NULL,
  status TEXT NOT NULL,
  episode INTEGER NOT NULL,
  starts_at INTEGER,
  observed_at INTEGER NOT NULL,
  incident TEXT NOT NULL,
  title TEXT NOT NULL,
  labels TEXT NOT NULL,
  PRIMARY KEY (source, dedup_key)
) STRICT, WITHOUT ROWID;
CREATE TABLE configs (
  hash TEXT PRIMARY KEY,
  policy TEXT NOT NULL,
  first_used_at INTEGER NOT NULL
) STRICT;
CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE events (
  incident TEXT NOT NULL,
  version INTEGER NOT NULL,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL,
  event TEXT NOT NULL,
  PRIMARY KEY (incident, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE groups (
  group_key TEXT PRIMARY KEY,
  incident TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE inbox (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  origin TEXT NOT NULL,
  actor TEXT NOT NULL,
  source TEXT,
  delivery_id TEXT,
  received_at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  not_before INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  decided_at INTEGER,
  disposition TEXT
) STRICT;
CREATE TABLE inbox_bodies (
  seq INTEGER PRIMARY KEY,
  headers TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE TABLE incidents (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  head TEXT NOT NULL,
  is_open INTEGER NOT NULL,
  opened_at INTEGER NOT NULL,
  source TEXT NOT NULL,
  team TEXT NOT NULL,
  service TEXT,
  is_storm INTEGER NOT NULL,
  parent TEXT,
  state TEXT NOT NULL
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
  lane TEXT NOT NULL,
  is_timer INTEGER NOT NULL,
  target TEXT,
  purpose TEXT,
  generation INTEGER,
  status TEXT NOT NULL,
  is_ambiguous INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  first_due_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  lease_until INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  settled_at INTEGER,
  last_outcome TEXT,
  late_outcome TEXT,
  effect TEXT NOT NULL
) STRICT;
CREATE TABLE pages (
  incident TEXT NOT NULL,
  page TEXT NOT NULL,
  target TEXT NOT NULL,
  key TEXT NOT NULL,
  ref TEXT,
  person TEXT,
  urgency TEXT NOT NULL,
  since INTEGER NOT NULL,
  team TEXT NOT NULL,
  service TEXT,
  parent TEXT,
  acknowledged INTEGER NOT NULL,
  state TEXT NOT NULL,
  unconfirmed INTEGER NOT NULL,
  awaits_answer INTEGER NOT NULL,
  address TEXT NOT NULL,
  PRIMARY KEY (incident, page, target, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE tokens (
  id TEXT PRIMARY KEY,
  hash TEXT NOT NULL,
  owner TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER,
  last_used_at INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO alert_counts (incident, firing, total) VALUES ('inc-1', 1, 1);
INSERT INTO alerts (source, dedup_key, status, episode, starts_at, observed_at, incident, title, labels) VALUES ('prom', 'k1', 'firing', 1, 1768467540000, 1768467600000, 'inc-1', 'k1 is failing', '{"service":"checkout","region":"eu"}');
INSERT INTO configs (hash, policy, first_used_at) VALUES ('p1', '{"levels":[]}', 1768467600000);
INSERT INTO counters (name, value) VALUES ('incident', 1);
INSERT INTO counters (name, value) VALUES ('starts', 1);
INSERT INTO events (incident, version, previous, hash, event) VALUES ('inc-1', 1, '0000000000000000000000000000000000000000000000000000000000000000', '07fddd95a06972efee02ecc5498f60649c83467929ea783d0d7c9b92eac098b5', '{"actor":{"kind":"tocsin"},"adopted":null,"at":1768467600000,"facts":{"because":"the rule says so","description":"","groupKey":"checkout|eu","labels":{},"level":"L2","public":"allowed","route":null,"rule":null,"service":"checkout","source":"prom","team":"payments","title":"Checkout is failing","trusted":false},"firstSignalAt":1768467600000,"incident":"inc-1","input":"input-1","kind":"incident","policy":"p1","title":"Checkout is failing","type":"IncidentOpened","v":1,"version":1}');
INSERT INTO events (incident, version, previous, hash, event) VALUES ('inc-1', 2, '07fddd95a06972efee02ecc5498f60649c83467929ea783d0d7c9b92eac098b5', 'b48f1b6f3f53bd7fd5f9e58ebd881c67e14b4c5af87d152496a76f71f82f8a38', '{"actor":{"kind":"tocsin"},"at":1768467600002,"incident":"inc-1","input":"input-2","policy":"p1","text":"Looking into it","type":"NoteAdded","v":1,"version":2}');
INSERT INTO groups (group_key, incident) VALUES ('g1', 'inc-1');
INSERT INTO inbox (seq, id, origin, actor, source, delivery_id, received_at, kind, not_before, failures, decided_at, disposition) VALUES (1, 'r1', 'webhook', '{"kind":"source","id":"prom"}', 'prom', 'd1', 1768467600000, 'decided', 0, 0, 1768467600000, '{"kind":"decided","incidents":["inc-1"],"note":"opened inc-1","answer":null}');
INSERT INTO inbox (seq, id, origin, actor, source, delivery_id, received_at, kind, not_before, failures, decided_at, disposition) VALUES (2, 'r2', 'webhook', '{"kind":"source","id":"prom"}', 'prom', NULL, 1768467600000, 'undecided', 0, 0, NULL, NULL);
INSERT INTO inbox_bodies (seq, headers, body) VALUES (1, '{"content-type":"application/json"}', X'7b2264656c6976657279223a227231227d');
INSERT INTO inbox_bodies (seq, headers, body) VALUES (2, '{"content-type":"application/json"}', X'7b2264656c6976657279223a227232227d');
INSERT INTO incidents (seq, id, version, head, is_open, opened_at, source, team, service, is_storm, parent, state) VALUES (1, 'inc-1', 2, 'b48f1b6f3f53bd7fd5f9e58ebd881c67e14b4c5af87d152496a76f71f82f8a38', 1, 1768467600000, 'prom', 'payments', 'checkout', 0, NULL, '{"format":1,"id":"inc-1","version":2,"lastEventAt":1768467600002,"kind":"incident","phase":"triage","title":"Checkout is failing","facts":{"source":"prom","team":"payments","service":"checkout","rule":null,"route":null,"groupKey":"checkout|eu","trusted":false,"public":"allowed","level":"L2","because":"the rule says so","title":"Checkout is failing","description":"","labels":{}},"parent":null,"storm":null,"openedAt":1768467600000,"firstSignalAt":1768467600000,"declaredAt":null,"declaredBy":null,"rootCauseAt":null,"mitigatedAt":null,"resolvedAt":null,"closedAs":null,"level":null,"levelSince":1768467600000,"levelBecause":"the rule says so","spent":[],"raises":[],"impact":{},"impactBaseline":{},"impactReports":0,"flags":{},"reports":[],"alerts":{"firing":0,"total":0,"lastAt":1768467600000,"clearSince":null},"roles":{},"pages":{},"runs":{},"publicPages":{},"drafts":{},"audiences":{},"room":null,"messages":{},"alarms":{},"soak":null,"timers":{},"timerGenerations":{},"effects":{}}');
INSERT INTO meta (key, value) VALUES ('instance', '0123abcd');
INSERT INTO meta (key, value) VALUES ('kind', 'live');
INSERT INTO outbox (seq, id, incident, stream, lane, is_timer, target, purpose, generation, status, is_ambiguous, attempt, first_due_at, due_at, lease_until, fence, settled_at, last_outcome, late_outcome, effect) VALUES (1, 'inc-1/1/0', 'inc-1', 'pd|inc-1', 'page', 0, 'pd', NULL, NULL, 'sending', 0, 1, 1768467600000, 1768467600000, 1768467615000, 1, NULL, NULL, NULL, '{"name":"pager.trigger","id":"inc-1/1/0","incident":"inc-1","stream":"pd|inc-1","lane":"page","dueAt":1768467600000,"target":"pd","page":"p1","key":"inc-1-key","address":{"target":"pd","address":{"key":"secret:pd.key"},"label":"pd service Checkout"},"urgency":"high","severity":"L2","title":"Checkout is failing","body":"","origin":"https://tocsin.example.com"}');
INSERT INTO outbox (seq, id, incident, stream, lane, is_timer, target, purpose, generation, status, is_ambiguous, attempt, first_due_at, due_at, lease_until, fence, settled_at, last_outcome, late_outcome, effect) VALUES (2, 'inc-1/timer/declare', 'inc-1', 'timer|inc-1|declare', 'housekeeping', 1, NULL, 'declare', 1, 'pending', 0, 0, 1768467900000, 1768467900000, 0, 0, NULL, NULL, NULL, '{"name":"timer","id":"inc-1/timer/declare","incident":"inc-1","stream":"timer|inc-1|declare","lane":"housekeeping","dueAt":1768467900000,"purpose":"declare","generation":1}');
INSERT INTO pages (incident, page, target, key, ref, person, urgency, since, team, service, parent, acknowledged, state, unconfirmed, awaits_answer, address) VALUES ('inc-1', 'p1', 'pd', 'inc-1-key', NULL, 'ada', 'high', 1768467600000, 'payments', 'checkout', NULL, 0, 'open', 1, 1, '{"target":"pd","address":{"key":"secret:pd.key"},"label":"pd service Checkout"}');
INSERT INTO tokens (id, hash, owner, scopes, created_at, expires_at, revoked_at, last_used_at) VALUES ('tok1', 'abababababababababababababababababababababababababababababababab', '{"kind":"person","id":"ada"}', '["read","act"]', 1768467600000, NULL, NULL, NULL);
CREATE INDEX alerts_incident ON alerts (incident, status);
CREATE INDEX groups_incident ON groups (incident);
CREATE UNIQUE INDEX inbox_delivery ON inbox (ifnull(source, ''), delivery_id) WHERE typeof(delivery_id) = 'text';
CREATE INDEX inbox_ready ON inbox (seq, not_before) WHERE kind = 'undecided' AND not_before <= 0;
CREATE INDEX inbox_waiting ON inbox (not_before, seq) WHERE kind = 'undecided' AND not_before > 0;
CREATE INDEX incidents_open ON incidents (seq) WHERE is_open = 1;
CREATE INDEX incidents_opened ON incidents (opened_at);
CREATE INDEX outbox_ambiguous ON outbox (seq) WHERE status = 'ambiguous';
CREATE INDEX outbox_dead ON outbox (seq) WHERE status = 'dead';
CREATE INDEX outbox_due ON outbox (lane, due_at, seq, target, stream, status, settled_at, is_timer)
  WHERE is_timer = 0 AND settled_at IS NULL AND status <> 'sending';
CREATE INDEX outbox_incident ON outbox (incident, seq);
CREATE INDEX outbox_sending ON outbox (lease_until) WHERE status = 'sending';
CREATE UNIQUE INDEX outbox_timer ON outbox (incident, purpose) WHERE is_timer = 1;
CREATE INDEX outbox_timer_due ON outbox (due_at, seq) WHERE is_timer = 1;
CREATE INDEX outbox_unsettled ON outbox (stream, seq, settled_at, is_timer) WHERE is_timer = 0 AND settled_at IS NULL;
CREATE INDEX pages_key ON pages (target, key);
CREATE INDEX pages_ref ON pages (target, ref);
CREATE INDEX pages_since ON pages (since);
CREATE INDEX pages_awaiting ON pages (target, key, incident, page) WHERE awaits_answer = 1;
CREATE INDEX pages_unconfirmed ON pages (target) WHERE unconfirmed = 1;
PRAGMA application_id = 1953457011;
PRAGMA user_version = 1;
COMMIT;
