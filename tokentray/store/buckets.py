"""What the buckets of logs are sums of, as SQL shared by what writes and what reads them. Imports next to nothing."""

from tokentray.clock import BUCKET_S
from tokentray.model import CAVEAT_BIT, STORED_CAVEATS

# A replay of a call inside a side chain, under a request id of its own, is the same call: the parent's stands.
# Whatever the sessions: a fork may have taken the parent's line over into another one.
COUNTED = """(e.sidechain = 0 OR NOT EXISTS (
  SELECT 1 FROM log_events twin WHERE twin.message_key = e.message_key AND twin.request_key <> e.request_key
  AND twin.sidechain = 0))"""
CAVEAT_BITS = " | ".join(f"MAX(e.caveats & {CAVEAT_BIT[caveat]})" for caveat in STORED_CAVEATS)

BUCKET_COLUMNS = (
    "start, width, source_id, feed, model_id, tier, band, project_id, requests, input, output, reasoning, cache_read,"
    " cache_write_5m, cache_write_1h, searches, caveats, price_id"
)
# The buckets as they should be of the quarter hours that are behind.
DIRTY_BUCKETS = f"""
SELECT d.start AS start, {BUCKET_S} AS width, e.source_id, 'logs' AS feed, e.model_id, e.tier, e.band, e.project_id,
  COUNT(*) AS requests, SUM(e.input) AS input, SUM(e.output) AS output, SUM(e.reasoning) AS reasoning,
  SUM(e.cache_read) AS cache_read, SUM(e.cache_write_5m) AS cache_write_5m, SUM(e.cache_write_1h) AS cache_write_1h,
  SUM(e.searches) AS searches, {CAVEAT_BITS} AS caveats,
  (SELECT p.id FROM prices p WHERE p.model_id = e.model_id AND p.tier = e.tier AND p.band = e.band
     AND p.superseded_at IS NULL AND p.valid_from <= d.start AND d.start < p.valid_to) AS price_id
FROM dirty_buckets d JOIN log_events e ON e.at >= d.start AND e.at < d.start + {BUCKET_S}
WHERE {COUNTED}
GROUP BY d.start, e.source_id, e.model_id, e.tier, e.band, e.project_id
"""
