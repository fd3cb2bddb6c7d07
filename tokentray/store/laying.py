"""Reports laid over records that know more: usage reports over logs, bills over either. Pure and exact.

Nothing is laid above what it is laid over; what is left is a part of its own, so nothing is lost or added.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from tokentray.clock import DAY_S
from tokentray.model import CAVEAT_BIT, Basis, Caveat
from tokentray.money import Femtos
from tokentray.store.kinds import list_costs
from tokentray.store.records import NO_TOKENS, OUTPUT, REASONING, REQUESTS, Bill, Counted, Place, Record, lay
from tokentray.store.spans import Timeline, quarters

_NOT_REPORTED = CAVEAT_BIT[Caveat.TOKENS_NOT_REPORTED]
_UTC_DAY = CAVEAT_BIT[Caveat.UTC_DAY]
Kin = Mapping[int, int]
NO_KIN: Kin = {}


def explained(reports: Sequence[Record], logs: Sequence[Record], kin: Kin = NO_KIN) -> Iterator[Record]:
    """The tokens of usage reports, as far as logs of their time and model go with the project and session of those.

    Logs of a report's own name for the model come first, then those of its own tier. A report that tells no requests or
    no reasoning takes those of the logs. kin: models that go by several names, to one of these.
    """
    if not reports:
        return
    times = Timeline(logs)
    rests = [list(report.tokens) for report in reports]
    rooms: dict[int, list[int]] = {}
    turns: tuple[list[tuple[int, list[int]]], ...] = ([], [], [], [])
    for number, report in enumerate(reports):
        found: tuple[list[int], ...] = ([], [], [], [])
        for index in times.within(quarters(report)):
            turn = _turn(logs[index].place, report.place, kin)
            if turn is not None:
                found[turn].append(index)
                rooms.setdefault(index, list(logs[index].tokens))
        for turn, under in enumerate(found):
            if under:
                turns[turn].append((number, under))
    for number, under in chain(*turns):
        report, rest = reports[number], rests[number]
        if not any(rest):
            continue
        for index, tokens in zip(under, _taken(report, rest, [rooms[index] for index in under]), strict=True):
            if any(tokens):
                yield _on(logs[index], report, tokens)
    for report, rest in zip(reports, rests, strict=True):
        if any(rest):
            left = tuple(rest)
            yield report if left == report.tokens else report._replace(tokens=left)


def _turn(log: Place, report: Place, kin: Kin) -> int | None:
    """When a report takes of a log: the lower the earlier, None where it is of another model."""
    if log.model_id == report.model_id:
        return 0 if log.tier == report.tier else 1
    if not kin or _kin(log.model_id, kin) != _kin(report.model_id, kin):
        return None
    return 2 if log.tier == report.tier else 3


def _kin(model_id: int, kin: Kin) -> int:
    """The one name for all names of a model."""
    return kin.get(model_id, model_id)


def _taken(report: Record, rest: list[int], rooms: Sequence[list[int]]) -> list[list[int]]:
    """What logs take of the rest of a report, by kind. It is taken off the rest and off the rooms."""
    parts = [list(NO_TOKENS) for _ in rooms]
    for kind, count in enumerate(rest):
        if not count:
            continue
        shared, rest[kind] = lay(count, [room[kind] for room in rooms])
        for part, tokens in zip(parts, shared, strict=True):
            part[kind] = tokens
    for part, room in zip(parts, rooms, strict=True):
        if any(part) and not report.tokens[REQUESTS]:
            part[REQUESTS] = room[REQUESTS]
        if any(part) and not report.tokens[REASONING]:
            part[REASONING] = min(room[REASONING], part[OUTPUT])
        room[:] = [have - tokens for have, tokens in zip(room, part, strict=True)]
    return parts


def _on(log: Record, report: Record, tokens: Iterable[int]) -> Record:
    """Tokens of a report that stand where a log says. Its model is called as the bill will call it."""
    start, width, _, place, *_ = log
    _, _, account, said, _, rates, currency, caveats, _ = report
    place = Place(
        said.model_id, said.tier, place.agent_id, place.project_id, place.session_id, place.machine_id, said.key_name
    )
    return Record(start, width, account, place, tuple(tokens), rates, currency, caveats, log.shares)


def laid(bills: Iterable[Bill], records: Sequence[Record], kin: Kin = NO_KIN) -> Iterator[Counted]:
    """Bills laid over the records of their time: those of a model or key first, then those that name none, and after
    all of these what is no bucket.

    records: in order of time. What is no model's use stands alone, as does what is left of a bill. kin: as above; what
    is left of a bill of a model is laid over records that have another name for it.
    """
    times = Timeline(records)
    worth = [record.list_cost or 0 for record in records]
    rooms = list(worth)
    costs: list[dict[str, int]] = [{} for _ in records]
    known = sorted(bills)
    rests: list[int] = [bill.amount for bill in known]
    laid_on = [False for _ in known]
    for number, same_name in _turns(known, kin):
        bill = known[number]
        if bill.item or not rests[number]:
            continue
        under = [index for index in times.within(bill) if _matches(bill, records[index].place, kin, same_name)]
        if not under:
            continue
        capped = all(records[index].currency == bill.currency for index in under if worth[index])
        parts, rests[number] = lay(
            rests[number], [(rooms if capped else worth)[index] for index in under], capped=capped
        )
        laid_on[number] = True
        for index, part in zip(under, parts, strict=True):
            if part:
                costs[index][bill.currency] = costs[index].get(bill.currency, 0) + part
                rooms[index] -= part if capped else 0
    for bill, rest, found in zip(known, rests, laid_on, strict=True):
        if rest:
            yield left_over(bill, rest, 0 if found or bill.item else _NOT_REPORTED)
    for record, cost in zip(records, costs, strict=True):
        if record.shares or len(cost) > 1:
            yield from _billed(record, cost or {record.currency: 0})
        else:
            currency, amount = next(iter(cost.items()), (record.currency, 0))
            yield counted(record, amount, currency, Basis.BILLED)


def _turns(bills: Sequence[Bill], kin: Kin) -> list[tuple[int, bool]]:
    """The order in which bills are laid, by index, and whether over records of their own name for the model."""
    several = {*kin, *kin.values()}
    turns = [
        (bill.interval, not bill.model_id, not same_name, not bill.key_name, bill.width_s, number)
        for number, bill in enumerate(bills)
        for same_name in ((True, False) if bill.model_id in several else (True,))
    ]
    return [(turn[-1], not turn[2]) for turn in sorted(turns)]


def _matches(bill: Bill, place: Place, kin: Kin, same_name: bool) -> bool:
    """Whether a bill is laid over what stands there: of its model by the same name, or only by another."""
    if bill.key_name and place.key_name not in ("", bill.key_name):
        return False
    if not bill.model_id or bill.model_id == place.model_id:
        return same_name
    return not same_name and _kin(place.model_id, kin) == _kin(bill.model_id, kin)


def _billed(record: Record, costs: dict[str, int]) -> Iterator[Counted]:
    """A record with what it was billed, in each currency; its tokens stand with the first."""
    pieces = list(record.by_session())
    worth = [list_costs(piece.tokens, piece.rates) for piece in pieces]
    of_kinds = [sum(kind) for kind in zip(*worth, strict=True)]
    for number, (currency, cost) in enumerate(costs.items()):
        # First among kinds, then of each kind among sessions, so that both add up whichever is asked for.
        shares, _ = lay(cost, of_kinds, capped=False)
        laid_on = [
            lay(share, kind, capped=False)[0] for share, kind in zip(shares, zip(*worth, strict=True), strict=True)
        ]
        for piece, kinds in zip(pieces, zip(*laid_on, strict=True), strict=True):
            part_of = counted(piece, sum(kinds), currency, Basis.BILLED)._replace(kinds=kinds)
            yield part_of if not number else part_of._replace(tokens=NO_TOKENS, list_cost=Femtos(0))


def counted(record: Record, cost: int, currency: str, basis: Basis, caveats: int = 0) -> Counted:
    """A record as a part of the total."""
    day = _UTC_DAY if record.width_s == DAY_S else 0
    return Counted(
        record.start_utc,
        record.width_s,
        record.account,
        record.place,
        record.tokens,
        Femtos(cost),
        currency,
        record.list_cost,
        record.currency,
        basis,
        record.caveats | caveats | day,
        rates=record.rates,
    )


def left_over(bill: Bill, amount: int, caveats: int) -> Counted:
    """What a bill has that no record accounts for. It names no project or session."""
    place = Place(bill.model_id, key_name=bill.key_name)
    bare = Record(bill.start_utc, bill.width_s, bill.account, place, NO_TOKENS, None, bill.currency, caveats)
    left = counted(bare, amount, bill.currency, Basis.BILLED)
    return left._replace(caveats=caveats, interval=True) if bill.interval else left
