"""Every state that the settings window can be in, for looking and for tests of room and names."""

from collections.abc import Callable

from tests.ui import accounts, setups
from tokentray.requests import AccountRequest, Answer, Request, TryKey, VerifyAccount
from tokentray.setup import Setup
from tokentray.snapshot import Problem
from tokentray.ui.forms.key import KeyForm
from tokentray.ui.settings.accounts import AccountsPage
from tokentray.ui.settings.accounts_block import AccountBlock
from tokentray.ui.settings.agents import AgentsPage
from tokentray.ui.settings.charges import ChargesPage
from tokentray.ui.settings.declared import DeclaredPage
from tokentray.ui.settings.money import MoneyPage
from tokentray.ui.settings.network import NetworkPage
from tokentray.ui.settings.plans import PlanBlock, PlansPage
from tokentray.ui.settings.privacy import PrivacyPage
from tokentray.ui.settings.references import ReferencesPage
from tokentray.ui.settings.window import (
    ACCOUNTS,
    AGENTS,
    APPEARANCE,
    CHARGES,
    EXPORT,
    MONEY,
    NETWORK,
    PLANS,
    PRIVACY,
    REFERENCES,
    REFRESHING,
    SettingsWindow,
)

TOO_LOW = Problem("The fee must be above zero", "not 0", "Type what you pay a month")
OVERLAP = Problem(
    "Claude Max 20x runs on those days already",
    "from 1 Aug 2026",
    "End it on the day before, or choose a later first day",
)


class Stage:
    """A window without an engine: what it asks for is kept, and answered by hand."""

    def __init__(self, setup: Setup, page: str) -> None:
        self.requests: list[Request | AccountRequest] = []
        self.window = SettingsWindow(self._submit)
        self.window.show_setup(setup)
        self.window.show_page(page)

    def _submit(self, request: Request | AccountRequest) -> int:
        self.requests.append(request)
        return len(self.requests)

    def refuse(self, problem: Problem, field: str) -> None:
        """Refuse what was asked last, before the person's eyes."""
        self.window.open()
        self.window.take_answer(Answer(len(self.requests), "", problem, field))

    def accept(self, text: str) -> None:
        """Say that what was asked last was done."""
        self.window.take_answer(Answer(len(self.requests), text))

    def find(self) -> None:
        """Answer the look at a key, or at an account, that was asked for last."""
        request = self.requests[-1]
        assert isinstance(request, TryKey | VerifyAccount)
        assert self.window.page.setup is not None
        _, text, tried = accounts.carry_out(self.window.page.setup, request)
        self.window.take_answer(Answer(len(self.requests), text, tried=tried))

    @property
    def accounts(self) -> AccountsPage:
        page = self.window.page
        assert isinstance(page, AccountsPage)
        return page

    @property
    def add_form(self) -> KeyForm:
        """The form of another account, opened."""
        self.accounts.add_account.open()
        form = self.accounts.add_account.form
        assert isinstance(form, KeyForm)
        return form

    def account(self, number: int) -> AccountBlock:
        """An account by its id."""
        return self.accounts.accounts[number]

    @property
    def privacy(self) -> PrivacyPage:
        page = self.window.page
        assert isinstance(page, PrivacyPage)
        return page

    @property
    def agents(self) -> AgentsPage:
        page = self.window.page
        assert isinstance(page, AgentsPage)
        return page

    @property
    def plans(self) -> PlansPage:
        page = self.window.page
        assert isinstance(page, PlansPage)
        return page

    @property
    def plan(self) -> PlanBlock:
        """The first plan."""
        return next(iter(self.plans.plans.values()))

    @property
    def charges(self) -> ChargesPage:
        page = self.window.page
        assert isinstance(page, ChargesPage)
        return page

    @property
    def references(self) -> ReferencesPage:
        page = self.window.page
        assert isinstance(page, ReferencesPage)
        return page

    @property
    def money(self) -> MoneyPage:
        page = self.window.page
        assert isinstance(page, MoneyPage)
        return page

    @property
    def declared(self) -> DeclaredPage:
        page = self.window.page
        assert isinstance(page, DeclaredPage)
        return page


def _agents_plan() -> Stage:
    stage = Stage(setups.fresh(), AGENTS)
    stage.agents.agents["claude-code"].take.click()
    return stage


def _agents_plan_refused() -> Stage:
    stage = _agents_plan()
    form = stage.agents.agents["claude-code"].plan_form
    assert form is not None
    form.submit()
    stage.refuse(OVERLAP, "first_day")
    return stage


def _agents_since() -> Stage:
    stage = Stage(setups.ordinary(), AGENTS)
    block = stage.agents.agents["codex"]
    block.payer.show_value("nobody")
    block.payer.chosen.emit("nobody")
    return stage


def _agents_rule() -> Stage:
    stage = Stage(setups.ordinary(), AGENTS)
    stage.agents.add_rule.open()
    return stage


def _plans_add_refused() -> Stage:
    stage = Stage(setups.ordinary(), PLANS)
    stage.plans.add_plan.open()
    form = stage.plans.add_plan.form
    assert form is not None
    form.submit()
    stage.refuse(TOO_LOW, "fee")
    return stage


def _plans_fee() -> Stage:
    stage = Stage(setups.ordinary(), PLANS)
    stage.plan.change.click()
    return stage


def _plans_remove() -> Stage:
    stage = Stage(setups.ordinary(), PLANS)
    stage.plan.remove.click()
    return stage


def _charges_add() -> Stage:
    stage = Stage(setups.ordinary(), CHARGES)
    stage.charges.add_charge.open()
    return stage


def _charges_undo() -> Stage:
    stage = Stage(setups.ordinary(), CHARGES)
    next(iter(stage.charges.charges.values())).remove.click()
    stage.accept("Removed: $12.50 to openai on 3 Nov 2026.")
    return stage


def _references_add() -> Stage:
    stage = Stage(setups.ordinary(), REFERENCES)
    stage.references.add_reference.open()
    return stage


def _money_rate() -> Stage:
    stage = Stage(setups.missing_rate(), MONEY)
    stage.money.open_rate("EUR")
    return stage


def _password_refused() -> Stage:
    stage = Stage(setups.behind_proxy(), NETWORK)
    page = stage.window.page
    assert isinstance(page, NetworkPage)
    stage.window.open()
    page.password.password.edit.setText("made up")
    page.password.submit()
    stage.refuse(accounts.LOCKED, "")
    return stage


def _refreshing_refused() -> Stage:
    stage = Stage(setups.ordinary(), REFRESHING)
    field = stage.declared.settings.fields["refreshing.watch"]
    field.value.changed.emit()
    field.reset.click()
    stage.refuse(
        Problem("The settings file cannot be written", "the disk is full", "Make room, then try again"),
        field.setting.key,
    )
    return stage


def _on(setup: Callable[[], Setup], page: str) -> Callable[[], Stage]:
    return lambda: Stage(setup(), page)


def key(text: str, setup: Callable[[], Setup] = setups.ordinary) -> Stage:
    """A key is pasted."""
    stage = Stage(setup(), ACCOUNTS)
    stage.window.open()  # a form that is hidden holds no key
    stage.add_form.key.edit.setText(text)
    return stage


def checked(text: str, setup: Callable[[], Setup] = setups.ordinary) -> Stage:
    """A key is pasted and looked at."""
    stage = key(text, setup)
    stage.add_form.submit()
    stage.find()
    return stage


def _key_empty() -> Stage:
    return key("")


def _key_chosen() -> Stage:
    stage = key("")
    stage.add_form.provider.show_value("litellm-proxy")
    stage.add_form.provider.touched = True
    stage.add_form.provider.chosen.emit("litellm-proxy")
    return stage


def _key_checking() -> Stage:
    stage = key(accounts.OPENAI_KEY)
    stage.add_form.submit()
    return stage


def _key_refused() -> Stage:
    stage = _key_checking()
    stage.refuse(Problem("OpenAI does not know the key", "it answered 401", "Make another, and paste it"), "key")
    return stage


def _key_shown() -> Stage:
    stage = key(accounts.OPENAI_KEY)
    stage.add_form.key.toggle.click()
    return stage


def _key_unencrypted() -> Stage:
    stage = key(accounts.SHARED_KEY)
    stage.add_form.base_url.setText("http://10.0.0.7:4000")
    stage.add_form.base_url.textEdited.emit("http://10.0.0.7:4000")
    return stage


def _unfolded(number: int) -> Callable[[], Stage]:
    def scene() -> Stage:
        stage = Stage(setups.with_accounts(), ACCOUNTS)
        stage.window.open()
        stage.account(number).manage.click()
        return stage

    return scene


def _account_form(number: int, link: str) -> Callable[[], Stage]:
    def scene() -> Stage:
        stage = _unfolded(number)()
        getattr(stage.account(number), link).click()
        if stage.requests:
            stage.find()
        return stage

    return scene


def _account_checking() -> Stage:
    stage = _unfolded(1)()
    stage.account(1).check.click()
    return stage


SETTINGS_SCENES: dict[str, Callable[[], Stage]] = {
    "accounts": _on(setups.with_accounts, ACCOUNTS),
    "accounts-none": _on(setups.ordinary, ACCOUNTS),
    "accounts-twelve": _on(setups.twelve_accounts, ACCOUNTS),
    "accounts-locked": _on(setups.locked_keyring, ACCOUNTS),
    "accounts-unfolded": _unfolded(1),
    "accounts-checking": _account_checking,
    "accounts-checked": _account_form(1, "check"),
    "accounts-rename": _account_form(1, "rename"),
    "accounts-own": _account_form(5, "mend"),
    "accounts-rekey": _account_form(3, "mend"),
    "accounts-remove": _account_form(1, "remove"),
    "accounts-removed": _unfolded(7),
    "accounts-delete": _account_form(7, "remove"),
    "key-empty": _key_empty,
    "key-chosen": _key_chosen,
    "key-recognised": lambda: key(accounts.OPENAI_KEY),
    "key-shown": _key_shown,
    "key-wrong": lambda: key(accounts.WRONG_KEY),
    "key-several": lambda: key(accounts.SEVERAL_KEY),
    "key-unknown": lambda: key(accounts.UNKNOWN_KEY),
    "key-unreadable": lambda: key(accounts.UNREADABLE_KEY),
    "key-proxy": lambda: key(accounts.SHARED_KEY),
    "key-unencrypted": _key_unencrypted,
    "key-checking": _key_checking,
    "key-found": lambda: checked(accounts.OPENAI_KEY),
    "key-whole": lambda: checked(accounts.WHOLE_KEY),
    "key-same": lambda: checked(accounts.SAME_KEY, setups.with_accounts),
    "key-refused": _key_refused,
    "key-keyring-locked": lambda: key(accounts.OPENAI_KEY, setups.locked_keyring),
    "privacy": _on(setups.with_accounts, PRIVACY),
    "privacy-none": _on(setups.ordinary, PRIVACY),
    "agents": _on(setups.ordinary, AGENTS),
    "agents-fresh": _on(setups.fresh, AGENTS),
    "agents-none": _on(setups.empty, AGENTS),
    "agents-reading": _on(setups.reading, AGENTS),
    "agents-unreadable": _on(setups.unreadable_agent, AGENTS),
    "agents-long-names": _on(setups.long_names, AGENTS),
    "agents-plan": _agents_plan,
    "agents-plan-refused": _agents_plan_refused,
    "agents-since": _agents_since,
    "agents-rule": _agents_rule,
    "plans": _on(setups.ordinary, PLANS),
    "plans-none": _on(setups.fresh, PLANS),
    "plans-many": _on(setups.many, PLANS),
    "plans-long-names": _on(setups.long_names, PLANS),
    "plans-add-refused": _plans_add_refused,
    "plans-fee": _plans_fee,
    "plans-remove": _plans_remove,
    "charges": _on(setups.ordinary, CHARGES),
    "charges-none": _on(setups.fresh, CHARGES),
    "charges-many": _on(setups.many, CHARGES),
    "charges-long-names": _on(setups.long_names, CHARGES),
    "charges-add": _charges_add,
    "charges-undo": _charges_undo,
    "references": _on(setups.ordinary, REFERENCES),
    "references-none": _on(setups.fresh, REFERENCES),
    "references-missing-rate": _on(setups.missing_rate, REFERENCES),
    "references-long-names": _on(setups.long_names, REFERENCES),
    "references-add": _references_add,
    "money": _on(setups.ordinary, MONEY),
    "money-rate": _money_rate,
    "money-bad-settings": _on(setups.bad_settings, MONEY),
    "appearance": _on(setups.ordinary, APPEARANCE),
    "refreshing": _on(setups.ordinary, REFRESHING),
    "refreshing-bad-settings": _on(setups.bad_settings, REFRESHING),
    "refreshing-refused": _refreshing_refused,
    "export": _on(setups.ordinary, EXPORT),
    "export-monthly": _on(setups.exporting, EXPORT),
    "network": _on(setups.ordinary, NETWORK),
    "network-proxy": _on(setups.behind_proxy, NETWORK),
    "network-password-refused": _password_refused,
    "failing-engine": _on(setups.failing_engine, APPEARANCE),
}
