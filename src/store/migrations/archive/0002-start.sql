-- A file of the archive: incidents that ended in one year, with all that `show` tells of them. Nothing here changes; an
-- incident that is copied once more takes the place of itself.

CREATE TABLE archived (
  id TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  head TEXT NOT NULL,
  state TEXT NOT NULL,
  state_hash TEXT NOT NULL,
  -- JSON of rows of the outbox and of alerts, as the store hands them out.
  outbox TEXT NOT NULL,
  alerts TEXT NOT NULL
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

-- Of which database it is, and how much it holds.
CREATE TABLE kept (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  instance TEXT NOT NULL,
  incidents INTEGER NOT NULL,
  events INTEGER NOT NULL
) STRICT;
