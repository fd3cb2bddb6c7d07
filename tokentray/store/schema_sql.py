"""What each migration does to the tables, and what they are for. Append only: histories in use were made by these."""

M001_FIRST_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE sources (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('account', 'agent', 'plan', 'charge')),
  name TEXT NOT NULL,
  label TEXT NOT NULL,
  provider TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  read_at INTEGER,
  error TEXT NOT NULL DEFAULT '',
  UNIQUE (kind, name)
) STRICT;

CREATE TABLE models (
  id INTEGER PRIMARY KEY, provider TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (provider, name)
) STRICT;
CREATE TABLE projects (id INTEGER PRIMARY KEY, root TEXT NOT NULL UNIQUE, name TEXT NOT NULL) STRICT;
CREATE TABLE sessions (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE machines (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

-- How far each log file was read. A file that vanished keeps its row: its events stay counted.
CREATE TABLE log_files (
  path TEXT PRIMARY KEY,
  agent TEXT NOT NULL,
  identity TEXT NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  tail_check INTEGER NOT NULL,
  state TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Lines passed over, or whole files that cannot be read.
CREATE TABLE skipped (
  path TEXT NOT NULL,
  kind TEXT NOT NULL,
  agent TEXT NOT NULL,
  count INTEGER NOT NULL,
  whole_file INTEGER NOT NULL,
  PRIMARY KEY (path, kind)
) STRICT, WITHOUT ROWID;

-- One row a model call, by durable key, so that the same line read again changes nothing.
CREATE TABLE log_events (
  message_key INTEGER NOT NULL,
  request_key INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  model_id INTEGER NOT NULL,
  tier INTEGER NOT NULL,
  band INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  session_id INTEGER NOT NULL,
  machine_id INTEGER NOT NULL,
  sidechain INTEGER NOT NULL,
  input INTEGER NOT NULL,
  output INTEGER NOT NULL,
  reasoning INTEGER NOT NULL,
  cache_read INTEGER NOT NULL,
  cache_write_5m INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL,
  searches INTEGER NOT NULL,
  caveats INTEGER NOT NULL,
  PRIMARY KEY (message_key, request_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX log_events_at ON log_events (at);

-- Sums of log_events by quarter hour: every zone's day begins on one. Rebuilt, never added to.
CREATE TABLE usage_buckets (
  start INTEGER NOT NULL,
  width INTEGER NOT NULL CHECK (width IN (60, 900, 3600, 86400) AND start % width = 0),
  source_id INTEGER NOT NULL,
  feed TEXT NOT NULL,
  model_id INTEGER NOT NULL,
  tier INTEGER NOT NULL,
  band INTEGER NOT NULL,
  project_id INTEGER NOT NULL,
  requests INTEGER NOT NULL,
  input INTEGER NOT NULL,
  output INTEGER NOT NULL,
  reasoning INTEGER NOT NULL,
  cache_read INTEGER NOT NULL,
  cache_write_5m INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL,
  searches INTEGER NOT NULL,
  caveats INTEGER NOT NULL,
  price_id INTEGER,
  PRIMARY KEY (start, width, source_id, feed, model_id, tier, band, project_id)
) STRICT, WITHOUT ROWID;

-- Quarter hours whose buckets are behind their events; written with the events, so a crash loses none.
CREATE TABLE dirty_buckets (start INTEGER PRIMARY KEY) STRICT;

-- List prices of the models seen, in nano-units per million. A row is never changed: a correction supersedes it.
CREATE TABLE prices (
  id INTEGER PRIMARY KEY,
  model_id INTEGER NOT NULL,
  tier INTEGER NOT NULL,
  band INTEGER NOT NULL,
  valid_from INTEGER NOT NULL,
  valid_to INTEGER NOT NULL,
  input INTEGER NOT NULL,
  output INTEGER NOT NULL,
  cache_read INTEGER NOT NULL,
  cache_write_5m INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL,
  web_search INTEGER,
  currency TEXT NOT NULL,
  assumed INTEGER NOT NULL,
  added_at INTEGER NOT NULL,
  superseded_at INTEGER
) STRICT;
CREATE INDEX prices_of_model ON prices (model_id, tier, band, valid_from);

-- What a newer price table changed of days already priced, for `doctor`.
CREATE TABLE price_corrections (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  model_id INTEGER NOT NULL,
  since INTEGER NOT NULL,
  buckets INTEGER NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  currency TEXT NOT NULL
) STRICT;

CREATE TABLE reference_points (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('hourly', 'pay', 'thing')),
  name TEXT NOT NULL,
  amount_nanos INTEGER NOT NULL CHECK (amount_nanos > 0),
  currency TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (kind, name, valid_from)
) STRICT;
"""

M002_WHO_PAYS = """
-- Who pays for what matches: the last by id. '' matches anything, a valid_from of '' is before all others. Here and
-- below AUTOINCREMENT gives no id twice, so that a window which is behind cannot mean another row by it.
CREATE TABLE payer_rules (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  agent TEXT NOT NULL,
  provider TEXT NOT NULL,
  project TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  payer TEXT NOT NULL CHECK (payer IN ('plan', 'account', 'payg', 'nobody')),
  payer_id INTEGER NOT NULL CHECK ((payer_id > 0) = (payer IN ('plan', 'account'))),
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE plans (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE COLLATE NOCASE,
  provider TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- A plan's fee over a stretch of days, both ends included; last_day '' while it runs on.
CREATE TABLE plan_terms (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  plan_id INTEGER NOT NULL REFERENCES plans (id) ON DELETE CASCADE,
  fee_nanos INTEGER NOT NULL CHECK (fee_nanos > 0),
  currency TEXT NOT NULL,
  first_day TEXT NOT NULL,
  last_day TEXT NOT NULL CHECK (last_day = '' OR last_day >= first_day),
  cycle_day INTEGER NOT NULL CHECK (cycle_day BETWEEN 1 AND 28),
  UNIQUE (plan_id, first_day)
) STRICT;

CREATE TABLE charges (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  day TEXT NOT NULL,
  amount_nanos INTEGER NOT NULL CHECK (amount_nanos > 0),
  currency TEXT NOT NULL,
  provider TEXT NOT NULL,
  text TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- One unit of base is rate_nanos / 10^9 units of quote.
CREATE TABLE exchange_rates (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  base TEXT NOT NULL,
  quote TEXT NOT NULL CHECK (quote <> base),
  rate_nanos INTEGER NOT NULL CHECK (rate_nanos > 0),
  valid_from TEXT NOT NULL,
  UNIQUE (base, quote, valid_from)
) STRICT;

-- What an account's two readings cover: from when, and up to when the provider says they are complete. Accounts of
-- one scope see the same usage.
CREATE TABLE feeds (
  source_id INTEGER NOT NULL,
  feed TEXT NOT NULL CHECK (feed IN ('billed', 'metered')),
  scope TEXT NOT NULL,
  covered_from INTEGER NOT NULL,
  complete_to INTEGER NOT NULL,
  PRIMARY KEY (source_id, feed)
) STRICT, WITHOUT ROWID;

-- What a provider's cost report says; model_id 0 and item name what is no model's: searches, storage, fees.
CREATE TABLE billed_buckets (
  start INTEGER NOT NULL,
  width INTEGER NOT NULL CHECK (width IN (60, 900, 3600, 86400) AND start % width = 0),
  source_id INTEGER NOT NULL,
  model_id INTEGER NOT NULL,
  item TEXT NOT NULL,
  key_name TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount_nanos INTEGER NOT NULL,
  PRIMARY KEY (start, width, source_id, model_id, item, key_name, currency)
) STRICT, WITHOUT ROWID;

-- What a provider's usage report says, in tokens.
CREATE TABLE metered_buckets (
  start INTEGER NOT NULL,
  width INTEGER NOT NULL CHECK (width IN (60, 900, 3600, 86400) AND start % width = 0),
  source_id INTEGER NOT NULL,
  model_id INTEGER NOT NULL,
  tier INTEGER NOT NULL,
  band INTEGER NOT NULL,
  key_name TEXT NOT NULL,
  requests INTEGER NOT NULL,
  input INTEGER NOT NULL,
  output INTEGER NOT NULL,
  reasoning INTEGER NOT NULL,
  cache_read INTEGER NOT NULL,
  cache_write_5m INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL,
  searches INTEGER NOT NULL,
  caveats INTEGER NOT NULL,
  price_id INTEGER,
  PRIMARY KEY (start, width, source_id, model_id, tier, band, key_name)
) STRICT, WITHOUT ROWID;

-- What an agent's own logs say of how it is signed in, such as the plan; the newest word stands.
CREATE TABLE agent_plans (
  agent TEXT PRIMARY KEY,
  plan_type TEXT NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""

M003_ACCOUNTS = """
-- An account: what its key is and sees, whose part of that is the person's own (JSON), whether it counts, and what its
-- provider wants to be handed again (JSON). removed_at: its key is gone, its history kept. The key is in the keyring.
CREATE TABLE accounts (
  source_id INTEGER PRIMARY KEY,
  base_url TEXT NOT NULL,
  kind TEXT NOT NULL,
  holder TEXT NOT NULL,
  scope TEXT NOT NULL,
  own TEXT NOT NULL,
  counted INTEGER NOT NULL CHECK (counted IN (0, 1)),
  narrowed INTEGER NOT NULL CHECK (narrowed IN (0, 1)),
  memory TEXT NOT NULL,
  removed_at INTEGER
) STRICT;

-- What API keys are called, for the eye.
CREATE TABLE account_keys (
  source_id INTEGER NOT NULL,
  key_name TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (source_id, key_name)
) STRICT, WITHOUT ROWID;

-- What a feed covers: stretches that do not overlap, with gaps where nothing is known. complete_to: how far within its
-- own stretch it was complete when it was read last.
CREATE TABLE feed_spans (
  source_id INTEGER NOT NULL,
  feed TEXT NOT NULL CHECK (feed IN ('billed', 'metered')),
  start INTEGER NOT NULL CHECK (start % 900 = 0),
  until INTEGER NOT NULL CHECK (until % 900 = 0 AND until > start),
  complete_to INTEGER NOT NULL CHECK (complete_to BETWEEN start AND until),
  PRIMARY KEY (source_id, feed, start)
) STRICT, WITHOUT ROWID;

-- Feeds of which nothing older will ever be told.
CREATE TABLE feed_ends (
  source_id INTEGER NOT NULL,
  feed TEXT NOT NULL CHECK (feed IN ('billed', 'metered')),
  PRIMARY KEY (source_id, feed)
) STRICT, WITHOUT ROWID;

-- Money spent at some time within a stretch that is no bucket. Never cut.
CREATE TABLE billed_intervals (
  start INTEGER NOT NULL CHECK (start % 900 = 0),
  until INTEGER NOT NULL CHECK (until % 900 = 0 AND until > start),
  source_id INTEGER NOT NULL,
  model_id INTEGER NOT NULL,
  item TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount_nanos INTEGER NOT NULL,
  PRIMARY KEY (start, until, source_id, model_id, item, currency)
) STRICT, WITHOUT ROWID;

-- What each counter and balance stood at last.
CREATE TABLE readings (
  source_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  currency TEXT NOT NULL,
  at INTEGER NOT NULL,
  amount_nanos INTEGER NOT NULL,
  PRIMARY KEY (source_id, name, currency)
) STRICT, WITHOUT ROWID;

-- What a provider's later answer changed or removed. before, after: nano-units of a currency, or counts in the order of
-- the columns of metered_buckets, with spaces between them; '' for none.
CREATE TABLE revisions (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  feed TEXT NOT NULL CHECK (feed IN ('billed', 'metered')),
  start INTEGER NOT NULL,
  width INTEGER NOT NULL CHECK (width IN (60, 900, 3600, 86400) AND start % width = 0),
  model_id INTEGER NOT NULL,
  tier INTEGER NOT NULL,
  band INTEGER NOT NULL,
  item TEXT NOT NULL,
  key_name TEXT NOT NULL,
  currency TEXT NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL
) STRICT;

-- Who is polling an account, and how the last polls went. An owner of '' is nobody.
CREATE TABLE account_polls (
  source_id INTEGER PRIMARY KEY,
  lease_owner TEXT NOT NULL,
  lease_until INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  error_code TEXT NOT NULL,
  contacted_at INTEGER
) STRICT;

CREATE TABLE polls (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('ok', 'failed')),
  error_code TEXT NOT NULL
) STRICT;

CREATE TABLE feed_reads (
  source_id INTEGER NOT NULL,
  feed TEXT NOT NULL CHECK (feed IN ('billed', 'metered')),
  read_at INTEGER NOT NULL,
  PRIMARY KEY (source_id, feed)
) STRICT, WITHOUT ROWID;

-- Days of which an answer would take away more than half, held back until a later one agrees.
CREATE TABLE doubts (
  source_id INTEGER NOT NULL,
  feed TEXT NOT NULL CHECK (feed IN ('billed', 'metered')),
  start INTEGER NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (source_id, feed, start)
) STRICT, WITHOUT ROWID;

INSERT INTO accounts
  SELECT id, '', '', '', COALESCE((SELECT MAX(scope) FROM feeds f WHERE f.source_id = s.id), ''), '{}', 1, 1, '{}', NULL
  FROM sources s WHERE kind = 'account';
-- Whole hours, as they were counted.
INSERT INTO feed_spans
  SELECT source_id, feed, begin, until, until FROM (
    SELECT source_id, feed, (covered_from + 3599) / 3600 * 3600 AS begin, complete_to / 3600 * 3600 AS until FROM feeds
  ) WHERE until > begin;
-- One stretch a feed could not say that it has gaps: feed_spans does.
DROP TABLE feeds;
"""

M004_NOTES = """
-- What a day's spend bought, in the person's words; project '' for all of the day's. quantity_nanos is 0 where nothing
-- was counted, else how much there is of of_what.
CREATE TABLE notes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  day TEXT NOT NULL,
  text TEXT NOT NULL CHECK (text <> ''),
  project TEXT NOT NULL,
  quantity_nanos INTEGER NOT NULL CHECK (quantity_nanos >= 0 AND (quantity_nanos > 0) = (of_what <> '')),
  of_what TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX notes_day ON notes (day);
"""
