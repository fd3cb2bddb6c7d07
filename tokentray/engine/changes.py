"""Carries out what a person asks to be changed: the one place where it is checked, for windows and command line.

A request is checked and done in one transaction, so that of two that cannot both be, one is refused. What is
refused raises RefusedError and leaves everything as it was.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tokentray import requests
from tokentray.clock import Zone, local_date
from tokentray.engine import change_notes, change_payers, change_plans, change_values
from tokentray.engine.change_checks import Change
from tokentray.money import NumberStyle
from tokentray.requests import AddReference, FinishFirstRun, Request, SetSetting
from tokentray.store.writer import Writer

_DO: dict[type, Callable[[Change, Any], str]] = {
    requests.SetPayer: change_payers.set_payer,
    requests.RemoveRule: change_payers.remove_rule,
    requests.PutRuleBack: change_payers.put_back,
    requests.AddPlan: change_plans.add,
    requests.EndPlan: change_plans.end,
    requests.ChangePlan: change_plans.change_fee,
    requests.RemovePlan: change_plans.remove,
    requests.AddCharge: change_values.add_charge,
    requests.RemoveCharge: change_values.remove_charge,
    requests.AddNote: change_notes.add_note,
    requests.ChangeNote: change_notes.change_note,
    requests.RemoveNote: change_notes.remove_note,
    requests.AddReference: change_values.add_reference,
    requests.RemoveReference: change_values.remove_reference,
    requests.LeadReference: change_values.lead_reference,
    requests.SetRate: change_values.set_rate,
    requests.RemoveRate: change_values.remove_rate,
}


def apply(
    writer: Writer, request: Request, *, now_utc: int, zone: Zone, settings_file: Path, style: NumberStyle
) -> str:
    """Carry out one request; what was done, in a sentence. Raises RefusedError, StoreError or SettingsError."""
    if isinstance(request, SetSetting):
        return _set_setting(settings_file, request)
    with writer.telling() as told:
        if isinstance(request, FinishFirstRun):
            told.finish_first_run()
            return ""
        if isinstance(request, AddReference):
            change_values.check_hours(request, settings_file)
        return _DO[type(request)](Change(told, now_utc, local_date(now_utc, zone), style), request)


def _set_setting(settings_file: Path, request: SetSetting) -> str:
    from tokentray import settings  # only here: reading TOML is nothing that another change should wait for

    setting = settings.find(request.key)
    value = setting.default if request.value is None else settings.parse(setting, request.value)
    settings.save(settings_file, request.key, request.value)
    return f"{setting.label}: {settings.spoken(setting, value)}."
