-- Version 4: what is sent to whom. A result with `offered` = 0 was published and nobody has looked yet which destinations
-- take it. Those from before this version, and those that a new queue found in the results folder, count as offered: an
-- archive is never sent by itself.
ALTER TABLE result ADD COLUMN offered INTEGER NOT NULL DEFAULT 1;
CREATE INDEX result_unoffered ON result (job, revision) WHERE offered = 0;

-- One row per result and destination.
CREATE TABLE outbox (
  job             INTEGER NOT NULL,
  revision        INTEGER NOT NULL,
  destination     TEXT NOT NULL,               -- its name in the configuration
  state           TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'sent', 'unconfirmed', 'committed', 'failed',
                    'superseded', 'withheld')),
  attempt         INTEGER NOT NULL DEFAULT 0,  -- only grows: whoever answers for another one changes nothing
  failures        INTEGER NOT NULL DEFAULT 0,  -- attempts that the destination refused or left unconfirmed
  next_at         INTEGER NOT NULL DEFAULT 0,  -- not before
  deadline        INTEGER,                     -- of what it waits for: the sender, or the destination's commitment
  is_stored       INTEGER NOT NULL DEFAULT 0,  -- it took every object: only its commitment is left to be asked for
  transaction_uid TEXT,                        -- of the request for commitment; NULL once it was answered
  code            TEXT NOT NULL DEFAULT '',    -- why it stands where it stands
  sentence        TEXT NOT NULL DEFAULT '',
  created_at      INTEGER NOT NULL,
  changed_at      INTEGER NOT NULL,
  PRIMARY KEY (job, revision, destination),
  FOREIGN KEY (job, revision) REFERENCES result (job, revision) ON DELETE CASCADE,
  CHECK ((deadline IS NOT NULL) = (state IN ('sending', 'unconfirmed'))),
  CHECK (transaction_uid IS NULL OR state IN ('sending', 'unconfirmed')),
  CHECK (transaction_uid IS NOT NULL OR state <> 'unconfirmed')
) STRICT;
CREATE UNIQUE INDEX outbox_one_at_a_time ON outbox (destination) WHERE state = 'sending';
CREATE UNIQUE INDEX outbox_transaction ON outbox (transaction_uid) WHERE transaction_uid IS NOT NULL;
CREATE INDEX outbox_due ON outbox (destination, next_at) WHERE state = 'pending';
CREATE INDEX outbox_deadline ON outbox (deadline) WHERE deadline IS NOT NULL;

-- The objects of a row, as the last attempt had them.
CREATE TABLE outbox_object (
  job          INTEGER NOT NULL,
  revision     INTEGER NOT NULL,
  destination  TEXT NOT NULL,
  file         TEXT NOT NULL,     -- in the result folder
  sop_instance TEXT NOT NULL,
  status       INTEGER,           -- of the answer to C-STORE; NULL = none came
  is_committed INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (job, revision, destination, file),
  FOREIGN KEY (job, revision, destination) REFERENCES outbox (job, revision, destination) ON DELETE CASCADE
) STRICT;

-- How a destination does; a restart keeps it, so that one that is down is not hammered.
CREATE TABLE destination (
  name         TEXT PRIMARY KEY,
  failures     INTEGER NOT NULL DEFAULT 0,  -- attempts in a row that did not reach it
  closed_until INTEGER NOT NULL DEFAULT 0,  -- nothing is tried before
  free_at      INTEGER NOT NULL DEFAULT 0,  -- the same, for its rate
  sentence     TEXT NOT NULL DEFAULT ''     -- what the last of those failures said
) STRICT;
