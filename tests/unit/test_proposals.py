"""Who most likely pays for an agent: every way to a guess, its words, and what is never looked at."""

import os
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tokentray.agents import AGENTS
from tokentray.clock import UtcZone
from tokentray.engine import setups
from tokentray.insight.known_plans import KNOWN_PLANS, plan_named
from tokentray.insight.proposals import MANAGED, proposal
from tokentray.money import CURRENCIES, NumberStyle
from tokentray.paths import Paths
from tokentray.settings import Loaded
from tokentray.setup import Proposal, Setup
from tokentray.store.history import History

NOTHING: tuple[str, ...] = ()


def guess(
    agent: str, plan_type: str = "", present: tuple[str, ...] = NOTHING, worth: str = "0", used: bool = True
) -> Proposal:
    """A proposal."""
    return proposal(agent, plan_type, present, Decimal(worth), used)


@pytest.mark.parametrize(
    ("plan_type", "payer", "plan", "fee"),
    [
        ("plus", "plan", "ChatGPT Plus", "20"),
        ("PRO", "plan", "ChatGPT Pro", "200"),
        ("team", "nobody", "", None),
        ("business", "nobody", "", None),
        ("enterprise", "nobody", "", None),
        ("edu", "nobody", "", None),
        ("self_serve_business_usage_based", "nobody", "", None),
        ("free", "nobody", "", None),
        ("go", "plan", "ChatGPT Go", None),
        ("prolite", "plan", "ChatGPT Prolite", None),
    ],
)
def test_what_the_logs_of_codex_say(plan_type: str, payer: str, plan: str, fee: str | None) -> None:
    """They name the plan: one that many have with its fee, one paid by an organisation, or one we do not know."""
    found = guess("codex", plan_type)
    assert (found.payer, found.plan_name) == (payer, plan)
    assert found.fee == (None if fee is None else Decimal(fee))
    assert found.reason.startswith("Its logs name ")


def test_an_organisation_goes_before_everything() -> None:
    """A machine that is managed is paid for there, whatever else is set."""
    found = guess("claude-code", "", (MANAGED, "ANTHROPIC_API_KEY", "CLAUDE_CODE_USE_BEDROCK"), "900")
    assert (found.payer, found.plan_name) == ("nobody", "")
    assert "organisation" in found.reason


@pytest.mark.parametrize(
    ("name", "cloud"), [("CLAUDE_CODE_USE_BEDROCK", "Amazon Bedrock"), ("CLAUDE_CODE_USE_VERTEX", "Google Vertex AI")]
)
def test_a_cloud_goes_before_a_key(name: str, cloud: str) -> None:
    """Claude Code sends to it, so a key that is set as well pays nothing; no other agent does."""
    found = guess("claude-code", "", ("ANTHROPIC_API_KEY", name))
    assert found.payer == "nobody"
    assert cloud in found.reason
    assert name in found.reason
    assert guess("codex", "", (name,)) == guess("codex")


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("claude-code", "ANTHROPIC_API_KEY"),
        ("claude-code", "ANTHROPIC_AUTH_TOKEN"),
        ("codex", "CODEX_API_KEY"),
        ("codex", "OPENAI_API_KEY"),
        ("gemini-cli", "GEMINI_API_KEY"),
        ("gemini-cli", "GOOGLE_API_KEY"),
    ],
)
def test_a_key_that_is_set_pays_by_use(agent: str, name: str) -> None:
    """Only for the agent that takes it, and named, so that the person can check."""
    found = guess(agent, "", (name,), "900")
    assert found.payer == "payg"
    assert found.reason.startswith(f"{name} is set here")
    assert guess("pi", "", (name,)) == guess("pi")


def test_a_named_plan_goes_before_a_key() -> None:
    """Codex with a key in the environment still signs in with its plan; its logs know."""
    assert guess("codex", "plus", ("OPENAI_API_KEY",)).plan_name == "ChatGPT Plus"


@pytest.mark.parametrize(
    ("worth", "plan", "fee"),
    [
        ("0", "Claude Pro", "20"),
        ("59.99", "Claude Pro", "20"),
        ("60", "Claude Max 5x", "100"),
        ("699.99", "Claude Max 5x", "100"),
        ("700", "Claude Max 20x", "200"),
        ("5000", "Claude Max 20x", "200"),
    ],
)
def test_claude_code_without_a_key(worth: str, plan: str, fee: str) -> None:
    """A plan, the larger the more was used; said to be a guess."""
    found = guess("claude-code", worth=worth)
    assert (found.payer, found.plan_name, found.fee, found.currency) == ("plan", plan, Decimal(fee), "USD")
    assert "guess" in found.reason


def test_codex_whose_logs_name_no_plan() -> None:
    """Used: by use, since a plan would have been named. Never used: the plan that most have."""
    assert guess("codex").payer == "payg"
    assert "no ChatGPT plan" in guess("codex").reason
    unused = guess("codex", used=False)
    assert (unused.payer, unused.plan_name, unused.fee) == ("plan", "ChatGPT Plus", Decimal(20))


@pytest.mark.parametrize("agent", ["gemini-cli", "pi", "goose", "an agent of next year"])
def test_an_agent_of_which_nothing_is_known(agent: str) -> None:
    """By use, and said to be no more than likely."""
    found = guess(agent)
    assert (found.payer, found.plan_name, found.fee) == ("payg", "", None)
    assert "most often" in found.reason


def every_proposal() -> Iterator[tuple[str, str]]:
    """The reason of each way to a guess."""
    for agent in ("claude-code", "codex", "gemini-cli", "pi"):
        for plan_type in ("", "plus", "team", "free", "go"):
            for present in (NOTHING, (MANAGED,), ("CLAUDE_CODE_USE_VERTEX",), ("ANTHROPIC_API_KEY", "OPENAI_API_KEY")):
                for worth in ("0", "100", "1000"):
                    for used in (True, False):
                        found = guess(agent, plan_type, present, worth, used)
                        yield found.reason, found.payer


def test_the_words_are_calm_and_one_line() -> None:
    """A sentence or two, with a full stop, that claims no more than is known and scolds nobody."""
    reasons = set(every_proposal())
    assert len(reasons) >= 9
    for reason, payer in reasons:
        assert payer in ("plan", "payg", "nobody")
        assert reason.endswith(".")
        assert reason[0].isupper() or reason.split(" ")[0].isupper()
        assert len(reason) <= 120
        assert not any(word in reason.lower() for word in ("must", "should", "warning", "error", "!", "please"))
        assert any(word in reason for word in ("most likely", "most often", "Most often", "name", "guess"))


def test_known_plans_are_whole() -> None:
    """Each has a fee in a currency, an agent of this project's contract, and is found by its name alone."""
    assert len({plan.name.casefold() for plan in KNOWN_PLANS}) == len(KNOWN_PLANS)
    for plan in KNOWN_PLANS:
        assert plan.fee > 0
        assert plan.currency in CURRENCIES
        assert plan.agents
        assert plan_named(plan.name) is plan
    assert plan_named("nothing of the kind") is None
    for agent in AGENTS:
        named = guess(agent.id, worth="100", used=False).plan_name
        assert plan_named(named) is not None


class _Opened(list[str]):
    """Names of files that were opened while this listens."""


_LISTENING: list[_Opened] = []


def _hear(event: str, arguments: tuple[object, ...]) -> None:
    if _LISTENING and event in ("open", "os.listdir", "os.scandir"):
        _LISTENING[-1].append(str(arguments[0]))


sys.addaudithook(_hear)


def setup_of(home: Path, env: dict[str, str]) -> Setup:
    """What windows show of a machine without a history."""
    with History(None) as history:
        return setups.build(
            history,
            0,
            UtcZone(),
            NumberStyle(),
            Loaded(),
            agents=AGENTS,
            env=env,
            home=home,
            paths=Paths(home, home, home),
        )


def test_no_file_is_opened_and_no_value_is_kept(tmp_path: Path) -> None:
    """Only whether a setting exists is asked: the key's value is in no text, and no file of the agents is opened."""
    canary = "sk-ant-canary-5d1f7a"
    for name in (".claude/.credentials.json", ".claude/settings.json", ".codex/auth.json", ".codex/config.toml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(canary)
    names = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "OPENAI_API_KEY", "CODEX_API_KEY", "CLAUDE_CODE_USE_BEDROCK")
    env = dict.fromkeys(names, canary)
    setup_of(tmp_path, env)  # whatever Python itself opens to import something
    opened = _Opened()
    _LISTENING.append(opened)
    try:
        setup = setup_of(tmp_path, env)
    finally:
        _LISTENING.clear()
    assert opened == [], "nothing at all, so no credentials"
    assert canary not in repr(setup)
    assert {agent.id: agent.proposal.payer for agent in setup.agents} == {"claude-code": "nobody", "codex": "payg"}


def test_the_ear_hears(tmp_path: Path) -> None:
    """The test above would notice a file that is opened, whichever way."""
    file = tmp_path / "auth.json"
    file.write_text("{}")
    for read in (lambda: file.open().close(), file.read_text, lambda: os.close(os.open(file, os.O_RDONLY))):
        opened = _Opened()
        _LISTENING.append(opened)
        try:
            read()
        finally:
            _LISTENING.clear()
        assert opened == [str(file)]


def test_an_empty_variable_is_not_set(tmp_path: Path) -> None:
    """As shells leave them behind: it says nothing of who pays."""
    assert setup_of(tmp_path, {"ANTHROPIC_API_KEY": ""}).agents[0].proposal.plan_name == "Claude Pro"


@pytest.mark.parametrize("word", ["a plan; rm -rf", "\x1b[31m", "x" * 400, "p\u202elus", "ｐｌｕｓ"])
def test_a_strange_word_in_the_logs_is_not_shown(word: str) -> None:
    """Log text may hold anything; only a plain word becomes part of what is said."""
    found = guess("codex", word)
    assert (found.payer, found.plan_name) == ("plan", "")
    assert word.lower() not in found.reason
