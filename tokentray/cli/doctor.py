"""`doctor`: what works and what doesn't, with the mend for each.

Counts and kinds only: no project, user, host, e-mail or path, so that the whole can be pasted in public.
"""

import argparse
import os
import platform
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tokentray import __version__, assets
from tokentray.agents import AGENTS
from tokentray.agents.base import SKIP_WORDS, Skip
from tokentray.cli.context import Context, counted, print_json, visible
from tokentray.clock import DAY_S, date_of_day_number, local_date
from tokentray.errors import TokenTrayError
from tokentray.insight.exchange import Exchange
from tokentray.insight.reconcile import main_reason
from tokentray.insight.who_pays import payer_on
from tokentray.insight.words import public_model_name
from tokentray.money import format_money
from tokentray.paths import is_folder, person_home
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery

OK, NOTE, BAD = "ok", "note", "bad"
_FILE_KINDS = frozenset((Skip.UNREADABLE, Skip.NOT_A_FILE, Skip.LINK_LOOP, Skip.BROKEN_LINK))
_FILE_MENDS = {
    Skip.UNREADABLE: "`tokentray refresh` names them; give yourself read access",
    Skip.NOT_A_FILE: "`tokentray refresh` names them; move them out of the log folder",
    Skip.LINK_LOOP: "`tokentray refresh` names them; remove the link",
    Skip.BROKEN_LINK: "`tokentray refresh` names them; remove the link, or bring back what it led to",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    level: str
    about: str
    text: str
    mend: str = ""


def doctor(context: Context, options: argparse.Namespace) -> int:
    """Exit status 0 where nothing is bad, else 1."""
    findings = [Finding(OK, "TokenTray", f"{__version__}, Python {platform.python_version()}, {_system()}")]
    findings += _checked(lambda: _history(context))
    findings += _settings(context)
    findings += _network(context)
    findings += _export(context)
    findings += _checked(_prices)
    findings += _agents()
    findings += _checked(lambda: _who_pays(context))
    findings += _checked(lambda: _keyring(context))
    findings += _checked(lambda: _accounts(context))
    findings += _checked(lambda: _windows(options.check_ui))
    if options.json:
        print_json([{"level": f.level, "about": f.about, "text": f.text, "mend": f.mend} for f in findings])
    else:
        for finding in findings:
            print(f"{finding.level:<5} {visible(finding.about)}: {visible(finding.text)}")
            if finding.mend:
                print(f"      → {visible(finding.mend)}")
    return 1 if any(finding.level == BAD for finding in findings) else 0


def _checked(check: Callable[[], list[Finding]]) -> list[Finding]:
    """One failing check must not hide the others. Our errors may name paths, so only title and hint are shown."""
    try:
        return check()
    except TokenTrayError as exc:
        return [Finding(BAD, "History", exc.title, exc.hint)]
    except (FileNotFoundError, ValueError):
        return [Finding(BAD, "Resources", "some are missing or of another version", "Install TokenTray again")]


def _system() -> str:
    return f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}"


def _history(context: Context) -> list[Finding]:
    folder = context.paths.data
    if folder.exists() and not folder.is_dir():
        return [Finding(BAD, "History", "its folder is not a folder", "Choose another with --home")]
    with History(context.paths.history) as history:
        if not history.exists:
            return [Finding(NOTE, "History", "there is none yet", "`tokentray refresh` reads your agents' logs")]
        state = history.integrity()
        if state != "ok":
            mend = "`tokentray refresh --check` keeps it, and reads what it can into a new one"
            return [Finding(BAD, "History", "it is damaged", mend)]
        info = context.paths.history.stat()
        findings = [Finding(OK, "History", f"sound, {info.st_size / 1e6:.1f} MB")]
        if os.name == "posix" and info.st_mode & 0o077:
            findings.append(Finding(BAD, "History", "others on this machine can read it", "Run chmod 600 on the file"))
        if os.name == "posix" and folder.stat().st_mode & 0o077:
            findings.append(Finding(NOTE, "History", "others can look into its folder", "Run chmod 700 on the folder"))
        mended = history.salvaged()
        if mended is not None:
            part = "all of it" if mended.whole else "a part of it"
            told = f"it was damaged on {mended.day}; {part} could be read, and {mended.kept} is the damaged file"
            findings.append(Finding(NOTE, "History", told, "" if mended.whole else "A backup from before holds more"))
        # Of accounts another check tells: their names and errors may hold persons and hosts.
        agents = [source for source in history.sources() if source.kind == "agent"]
        findings += [Finding(BAD, source.label, source.error) for source in agents if source.error]
        return findings + _passed_over(history) + _price_findings(context, history)


def _passed_over(history: History) -> list[Finding]:
    labels = {agent.id: agent.label for agent in AGENTS}
    findings = []
    for row in history.skipped():
        files = counted(row.files, "file")
        what = files if row.kind in _FILE_KINDS else f"{counted(row.lines, 'line')} in {files}"
        findings.append(
            Finding(
                BAD if row.kind == Skip.UNREADABLE else NOTE,
                labels.get(row.agent, row.agent),
                f"{what} passed over: {SKIP_WORDS[row.kind]}",
                _FILE_MENDS.get(row.kind, ""),
            )
        )
    return findings


def _price_findings(context: Context, history: History) -> list[Finding]:
    findings = []
    for model, tokens in history.unpriced_models():
        text = f"{public_model_name(model)}: {context.style.number(tokens)} tokens without a known price"
        findings.append(Finding(NOTE, "Prices", text, "They are left out of every amount, which then says “at least”"))
    for fix in history.corrections():
        day = date_of_day_number(fix.since_utc // DAY_S)
        before, after = (format_money(amount, fix.currency, context.style) for amount in (fix.before, fix.after))
        text = (
            f"{public_model_name(fix.model)}: a newer price table corrected use from {day} on, from {before} to {after}"
        )
        findings.append(Finding(NOTE, "Prices", text))
    return findings


def _prices() -> list[Finding]:
    from tokentray.prices import lookup

    info = lookup.table_info()
    return [Finding(OK, "Prices", f"table of {info.data_date}, from {info.source} {info.version}")]


def _agents() -> list[Finding]:
    findings = []
    for agent in AGENTS:
        roots = agent.roots(os.environ, person_home())
        found = any(is_folder(root) for root in roots)
        findings.append(
            Finding(OK if found else NOTE, agent.label, "logs found" if found else "no logs on this machine")
        )
    return findings


def _settings(context: Context) -> list[Finding]:
    """What of the settings file is not used: its keys and lines, and nothing that it says."""
    findings = []
    for notice in context.loaded.notices:
        what = f"{notice.key or 'the file'}{f' (line {notice.line})' if notice.line else ''} cannot be used"
        findings.append(
            Finding(BAD, "Settings", f"{what}; {notice.used} instead", "`tokentray settings list` says why")
        )
    return findings or [Finding(OK, "Settings", "as you set them")]


def _network(context: Context) -> list[Finding]:
    """Who stands between: whoever could change the settings could set these, and read keys on their way."""
    mend = "Where you did not set it: `tokentray settings reset network."
    findings = []
    if context.settings.proxy not in ("", "none"):
        findings.append(Finding(NOTE, "Network", "providers are asked through a proxy that is set", f"{mend}proxy`"))
    if context.settings.ca_file:
        text = "certificates of a file are trusted beside the system's"
        findings.append(Finding(NOTE, "Network", text, f"{mend}ca_file`"))
    return findings


def _export(context: Context) -> list[Finding]:
    """Whether each month can be written by itself, where that is switched on."""
    if not context.settings.monthly:
        return []
    from tokentray.export.job import folder_of  # with all that an export needs

    folder = folder_of(context.settings)
    mend = "`tokentray settings set export.folder FOLDER` chooses another"
    if not is_folder(folder):
        return [Finding(BAD, "Export", "the folder that each month is written to is not there", mend)]
    if not os.access(folder, os.W_OK | os.X_OK):
        return [Finding(BAD, "Export", "the folder that each month is written to may not be written to", mend)]
    return [Finding(OK, "Export", "each month is written to your folder")]


def _who_pays(context: Context) -> list[Finding]:
    """Agents with use that nobody has said who pays for, and currencies that no rate leads from."""
    today = local_date(context.clock.now_utc(), context.zone)
    with History(context.paths.history) as history:
        rules, plans = history.payer_rules(), history.plans()
        rows = history.usage(UsageQuery(("agent",), today=today), context.zone)
        agents = [source for source in history.sources() if source.kind == "agent"]
        exchange = Exchange(history.exchange_rates())
    used = {row.key("agent") for row in rows if row.requests}
    unsaid = [one.label for one in agents if one.name in used and payer_on(today, rules, plans, one.name) is None]
    findings = [
        Finding(NOTE, label, "nobody has said who pays, so its use is worth and no spend", "`tokentray agents set`")
        for label in unsaid
    ]
    home = context.settings.currency
    lacking = {row.currency for row in rows if home and not exchange.reaches(row.currency, home)}
    findings += [
        Finding(NOTE, "Currency", f"no rate leads from {one} to {home}", f"`tokentray rates set {one} {home} RATE`")
        for one in sorted(lacking)
    ]
    return findings


def _keyring(context: Context) -> list[Finding]:
    from tokentray.credentials import KeyStore

    status = KeyStore().backend_status()
    if status.usable:
        return [Finding(OK, "Keyring", status.name)]
    with History(context.paths.history) as history:
        needed = bool(history.accounts())
    if needed:
        return [Finding(BAD, "Keyring", f"{status.reason}; the keys of your accounts cannot be read", status.hint)]
    return [Finding(NOTE, "Keyring", f"{status.reason}; nothing needs one until an account is added", status.hint)]


def _accounts(context: Context) -> list[Finding]:
    """How each account is read, what it is short of, and how its bill compares. By provider and id, never by name."""
    from tokentray.engine.account_setups import setups_now

    with History(context.paths.history) as history:
        accounts = setups_now(history, context.clock.now_utc(), context.zone, context.style, context.settings)
        doubts = Counter(doubt.account_id for doubt in history.doubts())
        as_you_go = history.usage(UsageQuery(("agent", "provider", "payer"), where=(("payer", "payg"),)), context.zone)
    findings = []
    for one in accounts:
        about = f"{one.provider_name} (account {one.id})"
        if one.state == "removed":
            continue
        failing = one.state in ("failing", "locked")
        text = {"failing": "it cannot be read", "locked": "the keyring is locked"}.get(one.state, one.state)
        mend = one.mend or ("`tokentray accounts verify` says why" if failing else "")
        findings.append(Finding(BAD if failing else OK if one.state == "fresh" else NOTE, about, text, mend))
        if not one.counted:
            findings.append(
                Finding(NOTE, about, "it reads a whole organisation, which does not count", "`tokentray accounts own`")
            )
        if doubts[one.id]:
            text = (
                f"answers for {counted(doubts[one.id], 'day')} would take back more than half, and wait to be confirmed"
            )
            findings.append(Finding(NOTE, about, text))
        apart = [day for day in one.differences if day.reason]
        if apart:
            reason = main_reason(day.reason for day in apart)
            text = f"on {len(apart)} of {counted(len(one.differences), 'day')} its bill differs from tokens: {reason}"
            findings.append(Finding(NOTE, about, text, "`tokentray accounts reconcile` shows them"))
        for row in as_you_go:
            if one.counted and one.provider == row.key("provider") and row.requests:
                agent = row.key("agent")
                findings.append(
                    Finding(
                        NOTE,
                        about,
                        f"use of it by {agent} counts as you go, beside this bill: twice, where this key pays for it",
                        f"`tokentray agents set {agent} --provider {one.provider} --paid-by account:{one.id}`",
                    )
                )
    return findings


def _windows(check_ui: Callable[[], str]) -> list[Finding]:
    names = ("prices.json", "icons")
    missing = [name for name in names if not _has_asset(name)]
    if missing:
        return [Finding(BAD, "Resources", f"missing: {', '.join(missing)}", "Install TokenTray again")]
    problem = check_ui()
    if problem:
        no_display = problem.startswith("there is no display")
        mend = "" if no_display else "`python3 packaging/dev.py run` checks the system libraries"
        return [Finding(NOTE if no_display else BAD, "Windows", problem, mend)]
    return [Finding(OK, "Windows", f"can be shown ({sys.platform})")]


def _has_asset(name: str) -> bool:
    try:
        assets.path(name)
    except FileNotFoundError:
        return False
    return True
