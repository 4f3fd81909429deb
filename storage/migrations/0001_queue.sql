-- Version 1: studies, their jobs, and what became of them. Times are milliseconds since 1970, UTC.

-- One row per entry of a watched folder, for as long as that entry may be seen again: a row that is pruned too early is a
-- study that runs twice. Ids are never used again, since results/<id>/ outlives its row.
CREATE TABLE job (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  source        TEXT NOT NULL,               -- name of the watched folder, or parent path of a submitted study
  root          TEXT NOT NULL,               -- absolute path of that folder
  entry         TEXT NOT NULL,               -- the study's name in it
  fingerprint   TEXT NOT NULL,               -- of names, sizes and times of its files as last seen; '' = look again
  state         TEXT NOT NULL CHECK (state IN ('received', 'settling', 'needs_prompts', 'available', 'running',
                  'publishing', 'done', 'retryable', 'snoozed', 'held', 'cancelled', 'rejected', 'quarantined', 'failed')),
  lane          TEXT NOT NULL CHECK (lane IN ('urgent', 'routine', 'bulk')),
  key           TEXT,                        -- idempotency key, from the reader's digests; NULL until known
  revision      INTEGER NOT NULL DEFAULT 1 CHECK (revision >= 1),
  model         TEXT NOT NULL DEFAULT '',    -- weights chosen for it
  patient       TEXT NOT NULL DEFAULT '',    -- pseudonym
  study_date    TEXT NOT NULL DEFAULT '',
  study_hash    TEXT NOT NULL DEFAULT '',    -- salted digest of the study's identifier
  attempt       INTEGER NOT NULL DEFAULT 0,  -- only grows: part of the fence
  token         INTEGER,                     -- of the lease; NULL = nobody has it
  owner_machine TEXT,
  owner_boot    TEXT,
  owner_pid     INTEGER,
  owner_start   INTEGER,
  lease_until   INTEGER,
  progress      REAL NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 1),
  stage         TEXT NOT NULL DEFAULT '',
  seconds_left  REAL,
  error_count   INTEGER NOT NULL DEFAULT 0,
  crash_count   INTEGER NOT NULL DEFAULT 0,
  lost_count    INTEGER NOT NULL DEFAULT 0,
  run_at        INTEGER NOT NULL DEFAULT 0,  -- not before
  result_digest TEXT,                        -- of result.json, from the moment it is being published
  duplicate_of  INTEGER REFERENCES job (id) ON DELETE SET NULL,
  code          TEXT NOT NULL DEFAULT '',    -- stable name of the last refusal or failure
  file          TEXT NOT NULL DEFAULT '',
  field         TEXT NOT NULL DEFAULT '',
  sentence      TEXT NOT NULL DEFAULT '',
  created_at    INTEGER NOT NULL,
  changed_at    INTEGER NOT NULL,
  UNIQUE (source, entry),
  CHECK ((token IS NULL) = (lease_until IS NULL) AND (token IS NULL) = (owner_pid IS NULL)),
  CHECK (token IS NULL OR state IN ('settling', 'running', 'publishing')),
  CHECK (token IS NOT NULL OR state NOT IN ('running', 'publishing')),
  CHECK (key IS NOT NULL OR state NOT IN ('available', 'running', 'publishing', 'done', 'retryable', 'snoozed')),
  CHECK (result_digest IS NOT NULL OR state NOT IN ('publishing', 'done'))
) STRICT;

-- The same inputs, clicks, weights and options run once; what was given up does not stand in the way.
CREATE UNIQUE INDEX job_key ON job (key) WHERE key IS NOT NULL AND state NOT IN ('cancelled', 'rejected');
CREATE INDEX job_ready ON job (lane, source, id) WHERE state = 'available';
CREATE INDEX job_leased ON job (lease_until) WHERE token IS NOT NULL;
CREATE INDEX job_state ON job (state, run_at);
CREATE INDEX job_duplicates ON job (duplicate_of) WHERE duplicate_of IS NOT NULL;

-- What the worker is told, as the daemon wrote it; apart from the job, since it can be large.
CREATE TABLE work_order (
  job  INTEGER PRIMARY KEY REFERENCES job (id) ON DELETE CASCADE,
  text TEXT NOT NULL
) STRICT;

-- One line per change.
CREATE TABLE journal (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  job    INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  at     INTEGER NOT NULL,
  who    TEXT NOT NULL,
  what   TEXT NOT NULL,
  reason TEXT NOT NULL
) STRICT;
CREATE INDEX journal_job ON journal (job, id);

-- What was published: never more than one line per revision.
CREATE TABLE result (
  job          INTEGER NOT NULL REFERENCES job (id) ON DELETE CASCADE,
  revision     INTEGER NOT NULL,
  key          TEXT NOT NULL,
  digest       TEXT NOT NULL,
  published_at INTEGER NOT NULL,
  PRIMARY KEY (job, revision)
) STRICT;

-- Digests of files that were read, so that a file that is seen again is not read again. Files belong to folders, not to
-- jobs: the same one may turn up in another study.
CREATE TABLE file_digest (
  source   TEXT NOT NULL,
  device   INTEGER NOT NULL,
  inode    INTEGER NOT NULL,
  size     INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  sha256   TEXT NOT NULL,
  seen_at  INTEGER NOT NULL,
  PRIMARY KEY (source, device, inode, size, mtime_ns)
) STRICT;

-- Virtual time of lanes (source = '') and of the sources in a lane: who had least goes first. `clock` is that of the
-- level below; the row ('', '') has that of the lanes.
CREATE TABLE share (
  lane   TEXT NOT NULL,
  source TEXT NOT NULL,
  vtime  INTEGER NOT NULL DEFAULT 0,
  clock  INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (lane, source)
) STRICT;

-- What a person set and a restart keeps.
CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
