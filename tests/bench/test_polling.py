"""What polling costs: an account with nothing new, polled every five minutes, and a year read back in large pages."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.app.polled import Books
from tests.bench.costs import run
from tests.servers import Reply, ScriptedServer, Seen
from tokentray.clock import HOUR_S

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(sys.platform != "linux", reason="memory, wake-ups and connections are read from /proc"),
]

_ROOT = Path(__file__).parents[2]
_ROWS_AN_HOUR = 8
_NOW = int(datetime(2026, 12, 31, 15, tzinfo=UTC).timestamp())
_GROUPS = (
    '"actor":null,"actor_type":null,"agent_id":null,"claude_tag_category":null,"claude_tag_user_id":null,'
    '"deployment_id":null,"environment_id":null,"inference_geo":null,"organization_id":"%s","product":null,'
    '"session_id":null,"workspace_id":null'
) % ("0" * 700)  # a body of 8 MiB holds no more values than are let in, so some of them are long
_ROW = (
    '{"starting_at":"%s","ending_at":"%s","group":{"model":"claude-next-%d","api_key_id":"apikey_%d",'
    '"service_tier":"standard","context_window":"0-200k","speed":"standard","cost_type":"tokens",' + _GROUPS + "},%s}"
)
_FIGURES = {
    "usage": '"usage":{"uncached_input_tokens":1200,"output_tokens":340,"cache_read_input_tokens":56000,'
    '"cache_creation":{"ephemeral_1h_input_tokens":0,"ephemeral_5m_input_tokens":780},'
    '"server_tool_use":{"web_search_requests":0}}',
    "cost": '"cost":{"amount":"12.345678","currency":"USD"}',
}


def test_an_account_with_nothing_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Memory does not grow from poll to poll, the history by one line each; between polls nothing runs or is open."""
    with ScriptedServer(Books().answer) as server:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.polling_probe", tmp_path, server.url],
            cwd=_ROOT,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    with capsys.disabled():
        print(
            f"\nan account polled with nothing new: {told['grown_kb']} KB in {told['polls']} polls (300);"
            f" between polls {told['idle_cpu_s'] * 1000:.0f} ms of CPU in 5 s (20),"
            f" {told['idle_wakeups_a_second']:.1f} wake-ups a second (1)"
        )
    assert told["rows"] == {"polls": told["polls"]}
    assert told["grown_kb"] <= 300
    assert told["idle_cpu_s"] <= 0.02
    assert told["idle_wakeups_a_second"] <= 1


def test_a_year_of_large_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A year's back-fill, hour by hour, in pages of about 8 MiB: at most 150 MB."""
    books = _LargePages()
    with ScriptedServer(books.answer) as server:
        command = [sys.executable, "-m", "tests.bench.backfill_probe", str(tmp_path / "home"), server.url, str(_NOW)]
        cost = run(command, tmp_path, {})
    with closing(sqlite3.connect(tmp_path / "home" / "history.db")) as history:
        kept = [history.execute(f"SELECT COUNT(*) FROM {one}_buckets").fetchone()[0] for one in ("billed", "metered")]
    with capsys.disabled():
        print(
            f"\na year read back in {books.pages} pages, the largest of {books.largest / 2**20:.1f} MiB:"
            f" {kept[0]:,} bills and {kept[1]:,} counts in {cost.cpu_s:.0f} s of CPU; {cost.peak_mb:.0f} MB (150)"
        )
    assert books.largest > 7 * 2**20
    assert min(kept) > 60_000
    assert cost.peak_mb <= 150


class _LargePages:
    """An organisation that uses four models with two keys in every hour of a year, and tells a month at a time."""

    def __init__(self) -> None:
        self.pages = self.largest = 0

    def answer(self, seen: Seen) -> Reply:
        asked = dict(seen.params)
        if not seen.path.startswith("/v1/organizations/analytics/"):
            return Reply(body={"data": [], "has_more": False, "first_id": None, "last_id": None})
        figures = seen.path.rpartition("/")[2]
        start, end = (int(datetime.fromisoformat(asked[name]).timestamp()) for name in ("starting_at", "ending_at"))
        data = ",".join(
            _ROW % (*_hour(at), one % 4, one // 4, _FIGURES[figures])
            for at in range(start, end, HOUR_S)
            for one in range(_ROWS_AN_HOUR)
        )
        refreshed = datetime.fromtimestamp(_NOW - 300, UTC).isoformat()
        body = f'{{"data":[{data}],"has_more":false,"next_page":null,"data_refreshed_at":"{refreshed}"}}'
        self.pages, self.largest = self.pages + 1, max(self.largest, len(body))
        return Reply(body=body)


def _hour(at_utc: int) -> tuple[str, str]:
    return datetime.fromtimestamp(at_utc, UTC).isoformat(), datetime.fromtimestamp(at_utc + HOUR_S, UTC).isoformat()
