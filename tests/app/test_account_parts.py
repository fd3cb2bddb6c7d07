"""Whose use an account reads, from adding it to replacing its key: nothing of others counts, and nothing twice."""

from pathlib import Path

import pytest

from tests.app.polled import FEED, Rig, use_memory_keyring
from tests.contract.ledgers.deepseek import DeepSeekLedger
from tokentray.clock import UtcZone
from tokentray.engine.account_desk import AccountDesk
from tokentray.engine.polls import poll_all
from tokentray.errors import RefusedError
from tokentray.ledger import ALL, Outcome, Own, Window
from tokentray.model import Basis
from tokentray.money import NumberStyle
from tokentray.net.client import Network
from tokentray.providers import PROVIDERS
from tokentray.providers.base import Context, Identity, Provider, ProviderInfo
from tokentray.requests import AddAccount, RekeyAccount, RemoveAccount, SetOwn, TryKey, VerifyAccount
from tokentray.secret import Secret
from tokentray.store.account_rows import AccountRow

KEY, OTHER_KEY = Secret("sk-made-up-" + "0" * 24), Secret("sk-made-up-" + "1" * 24)
URL = "http://127.0.0.1:9"
DANA: Own = {"user_id": ("dana",)}
CI: Own = {"api_key_id": ("ci",)}


class Office:
    """A desk, and what its provider says of the next key that it is asked about."""

    def __init__(self, rig: Rig) -> None:
        self.says = Identity("Key", whole=True)
        self._rig = rig

        def identify(context: Context) -> Identity:
            own = context.own or self.says.own
            return self.says._replace(own=own, scope=self.says.scope + (f"/{own}" if own else ""))

        def read(context: Context, basis: Basis, window: Window) -> Outcome:
            raise AssertionError("nothing is read here")

        info = ProviderInfo(
            "made-up", "Made Up", "", "for tests", "Any key", "", (), (FEED,), own_keys=("user_id", "api_key_id")
        )
        self.desk = AccountDesk(
            rig.path,
            rig.clock,
            UtcZone(),
            NumberStyle(),
            rig.keys,
            Network,
            providers=(Provider(info, identify, read),),
            emails=lambda: (),
        )

    def add(self, own: Own = ALL, *, verify: bool = True, counted: bool = False) -> int:
        """A further account."""
        return self.desk.do(AddAccount("made-up", KEY, "", URL, own, counted, verify)).account

    def account(self, account_id: int) -> AccountRow:
        return self._rig.account(account_id)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    use_memory_keyring(monkeypatch)
    return Office(Rig(tmp_path))


def test_a_part_of_what_a_removed_account_read_is_not_read_again(office: Office) -> None:
    """A person by their name, and then by their key: the history that was kept has the same use, which would count
    twice. It is said what to do; with that history gone, the part is read.
    """
    office.says = Identity("Admin key", "Acme", "made-up/acme")
    first = office.add(DANA)
    office.desk.do(RemoveAccount(first, keep_history=True))
    with pytest.raises(RefusedError) as refused:
        office.add(CI)
    assert f"accounts remove {first} --delete-history" in str(refused.value.hint)
    assert office.add(DANA) == first, "the same part goes on"
    office.desk.do(RemoveAccount(first, keep_history=True))
    other = office.add({"user_id": ("eve",)})
    with pytest.raises(RefusedError):
        office.desk.do(SetOwn(other, CI))
    office.desk.do(RemoveAccount(first, keep_history=False))
    office.desk.do(SetOwn(other, CI))
    assert office.account(other).own == CI


def test_a_key_that_sees_more_is_no_replacement(office: Office) -> None:
    """A key of the whole organisation in place of one of the person's own would count everybody's use as theirs."""
    office.says = Identity("API key", "", "made-up/acme/key-1", whole=True)
    account = office.add()
    office.says = Identity("Management key", "Acme", "made-up/acme")
    with pytest.raises(RefusedError) as refused:
        office.desk.do(RekeyAccount(account, OTHER_KEY))
    assert "account of its own" in str(refused.value.hint)
    assert office.account(account).kind == "API key"
    office.says = Identity("API key", "", "made-up/acme/key-2", whole=True)
    office.desk.do(RekeyAccount(account, OTHER_KEY))
    assert office.account(account).scope == "made-up/acme/key-2"


def test_a_key_that_another_account_has_is_no_replacement(office: Office) -> None:
    """Two accounts that see the same count once, so what the first had read of its old key would vanish."""
    office.says = Identity("API key", "", "made-up/acme/key-1", whole=True)
    first = office.add()
    office.says = Identity("API key", "", "made-up/acme/key-2", whole=True)
    second = office.add()
    with pytest.raises(RefusedError) as refused:
        office.desk.do(RekeyAccount(first, OTHER_KEY))
    assert f"account {second}" in str(refused.value)
    office.desk.do(RekeyAccount(second, OTHER_KEY))


@pytest.mark.parametrize("how", ["verify", "rekey"])
def test_an_account_that_was_not_checked_counts_once_it_is_known_to_be_ones_own(office: Office, how: str) -> None:
    """Without a look at the key nobody knows whose use it reads, so nothing counts; the first look settles that."""
    account = office.add(verify=False)
    assert (office.account(account).counted, office.account(account).scope) == (False, "")
    office.says = Identity("API key", "dana", "made-up/acme/dana", whole=True)
    office.desk.do(VerifyAccount(account) if how == "verify" else RekeyAccount(account, OTHER_KEY))
    settled = office.account(account)
    assert (settled.counted, settled.narrowed, settled.scope) == (True, True, "made-up/acme/dana")


def test_an_account_that_was_not_checked_is_narrowed_by_the_first_look(office: Office) -> None:
    """The part that is found is what is read from then on; one that is not clear is left uncounted."""
    account = office.add(verify=False)
    office.says = Identity("Admin key", "Acme", "made-up/acme")
    office.desk.do(VerifyAccount(account))
    assert (office.account(account).counted, office.account(account).own) == (False, ALL)
    other = office.add(DANA, verify=False)
    office.desk.do(VerifyAccount(other))
    assert (office.account(other).counted, office.account(other).own) == (True, DANA)
    assert office.account(other).scope.startswith("made-up/acme/")


def test_one_balance_is_taken_for_one_account(tmp_path: Path) -> None:
    """A second key of a DeepSeek account is refused while the balance shows it; another balance is another account."""
    purse, other = DeepSeekLedger(), DeepSeekLedger(topped_up="20")
    rig = Rig(tmp_path, PROVIDERS)
    rig.clock.at_utc = purse.now_utc
    desk = AccountDesk(rig.path, rig.clock, UtcZone(), NumberStyle(), rig.keys, Network, emails=lambda: ())
    try:
        desk.do(AddAccount("deepseek", Secret(purse.key), "Mine", purse.url))
        assert poll_all(rig.accounts(), rig.path, rig.clock, rig.keys, Network)[0].error is None
        with pytest.raises(RefusedError, match="very same balance"):
            desk.do(AddAccount("deepseek", Secret(purse.key), "Mine again", purse.url))
        tried = desk.do(TryKey("deepseek", Secret(purse.key), purse.url)).tried
        assert tried
        assert tried.same_as == "Mine"
        assert desk.do(AddAccount("deepseek", Secret(other.key), "Other", other.url)).account == 2
        assert desk.do(AddAccount("deepseek", Secret(purse.key), "By hand", purse.url, verify=False)).account == 3
        verified = desk.do(VerifyAccount(1)).tried
        assert verified
        assert verified.same_as == ""
    finally:
        purse.close()
        other.close()
