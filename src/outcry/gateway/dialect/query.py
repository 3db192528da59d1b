"""The conventions of table routes (API 1.8): symbol, filter, columns, count, start, reverse, startTime, endTime.

A route hands over views in order and a function that makes a row; `Selection` takes them one by one until it has what
was asked for, so that a hundred rows of ten thousand cost a hundred rows.  A filter is read once, and compares numbers
exactly, by their decimal text.  Fields that the route can tell without a row are compared first; of what is left only
so many rows are made.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Generic, TypeVar

import msgspec

from outcry.gateway import parameters
from outcry.gateway.answers import Refusal, bad
from outcry.gateway.dialect import symbols
from outcry.gateway.dialect.ids import Ids
from outcry.gateway.dialect.times import time_ns_of
from outcry.gateway.parameters import Parameters
from outcry.views.directory import Directory

Row = dict[str, Any]
View = TypeVar("View")
COUNT_DEFAULT = 100
COUNT_MAX = 500
COUNT_MAX_MARKET = 1_000
START_MAX = 10**9
FILTER_VALUES_MAX = 500
ROWS_MADE_MAX = 5_000
SWITCHES = {"true": True, "false": False}
OPEN_STATES = ("New", "PartiallyFilled")
TIME_PARTS: dict[str, Callable[[str], Any]] = {
    "date": lambda text: text[:10],
    "time": lambda text: text[11:23],
    "minute": lambda text: text[11:16],
    "year": lambda text: int(text[:4]),
    "mm": lambda text: int(text[5:7]),
    "dd": lambda text: int(text[8:10]),
    "hh": lambda text: int(text[11:13]),
    "uu": lambda text: int(text[14:16]),
    "ss": lambda text: int(text[17:19]),
}


class Wanted(msgspec.Struct, frozen=True):
    """The values of one field that a filter lets through."""

    texts: frozenset[str]
    numbers: frozenset[Decimal]
    switches: frozenset[bool]
    nothing: bool

    def has(self, held: Any) -> bool:
        """Whether a row's value is among them."""
        if held is None:
            return self.nothing
        if isinstance(held, bool):
            return held in self.switches
        if isinstance(held, int | float):
            return (held if isinstance(held, int) else Decimal(repr(held))) in self.numbers
        return str(held) in self.texts


class Query(msgspec.Struct):
    """What was asked of a table; `asked` is the filter as it was sent, `wanted` the same as it was read."""

    subject: symbols.Subject | None
    asked: dict[str, Any]
    wanted: dict[str, Wanted]
    columns: list[str]
    count: int
    start: int
    reverse: bool
    start_ns: int | None
    end_ns: int | None

    @property
    def is_plain(self) -> bool:
        """No filter, direction or time was asked for."""
        return not self.wanted and not self.reverse and self.start_ns is None and self.end_ns is None

    def in_time(self, time_ns: int) -> bool:
        """Whether a time is within those asked for."""
        if self.start_ns is not None and time_ns < self.start_ns:
            return False
        # Wire times have milliseconds, so an end time names a whole one.
        return self.end_ns is None or time_ns < self.end_ns + 10**6

    @property
    def wants_open(self) -> bool:
        """Only orders that work are asked for."""
        wanted = self.wanted.get("open"), self.wanted.get("ordStatus.isTerminated")
        return (wanted[0] is not None and wanted[0].switches == {True}) or (
            wanted[1] is not None and wanted[1].switches == {False}
        )

    def ids(self, ids: Ids, client_id: str) -> dict[str, list[Any]]:
        """The orders that a filter names, by number and by client id, which is a column of that name in history."""
        found: dict[str, list[Any]] = {}
        if "orderID" in self.wanted:
            found["order_id"] = [number for one in self.wanted["orderID"].texts if (number := _number(ids, one))]
        if "clOrdID" in self.wanted and not self.wanted["clOrdID"].nothing:
            found[client_id] = sorted(self.wanted["clOrdID"].texts)
        return found

    def matches(self, row: Row) -> bool:
        """Whether the row has one of the values wanted of every field."""
        return all(one.has(_held(row, name)) for name, one in self.wanted.items())


def read_filter(asked: dict[str, Any]) -> dict[str, Wanted]:
    """The values wanted of each field.  Raises `Refusal`."""
    lists = {name: value if isinstance(value, list) else [value] for name, value in asked.items()}
    if sum(max(1, len(values)) for values in lists.values()) > FILTER_VALUES_MAX:
        raise bad(f"Invalid filter: at most {FILTER_VALUES_MAX} values")
    return {name: _wanted(name, values) for name, values in lists.items()}


def _wanted(name: str, values: list[Any]) -> Wanted:
    texts, numbers, switches = set(), set(), set()
    for value in values:
        if isinstance(value, dict | list):
            raise bad(f"Invalid filter: {name}")
        if isinstance(value, bool):
            switches.add(value)
        elif isinstance(value, int | Decimal):
            numbers.add(parameters.as_number(value, "filter"))
            texts.add(str(value))
        elif value is not None:
            texts.add(value)
            if value.lower() in SWITCHES:
                switches.add(SWITCHES[value.lower()])
            if parameters.NUMBER.fullmatch(value) and parameters.is_bounded(Decimal(value)):
                numbers.add(Decimal(value))
    return Wanted(frozenset(texts), frozenset(numbers), frozenset(switches), None in values)


def read_query(
    asked: Parameters, directory: Directory, *, count_max: int = COUNT_MAX, count_default: int = COUNT_DEFAULT
) -> Query:
    """The conventions as they were asked for.  Raises `Refusal`."""
    wanted = parameters.mapping(asked, "filter")
    symbol = parameters.text(asked, "symbol")
    if symbol is None and isinstance(wanted.get("symbol"), str) and wanted["symbol"]:
        symbol = wanted.pop("symbol")
    count = parameters.whole(asked, "count", 1, 2**31)
    if count is not None and count > count_max:
        raise bad(f"Invalid count: at most {count_max}")
    times = {}
    for name in ("startTime", "endTime"):
        value = wanted.pop(name, None) if asked.get(name) in (None, "") else asked[name]
        times[name] = None if value is None else time_ns_of(value, name)
    return Query(
        subject=None if symbol is None else symbols.find(directory, symbol),
        asked=wanted,
        wanted=read_filter(wanted),
        columns=parameters.texts(asked, "columns"),
        count=count_default if count is None else count,
        start=parameters.whole(asked, "start", 0, START_MAX) or 0,
        reverse=parameters.switch(asked, "reverse") or False,
        start_ns=times["startTime"],
        end_ns=times["endTime"],
    )


class Selection(Generic[View]):
    """The rows asked for, out of views that come in the order asked for."""

    def __init__(
        self,
        query: Query,
        row_of: Callable[[View], Row],
        time_ns: Callable[[View], int],
        keys: Sequence[str],
        cheap: Mapping[str, Callable[[View], Any]] | None = None,
    ) -> None:
        """`cheap` tells fields of a row without making it."""
        self.query = query
        self.skip = query.start
        self._row_of = row_of
        self._time_ns = time_ns
        self._keys = keys
        self._first = [(cheap[name], one) for name, one in query.wanted.items() if name in cheap] if cheap else []
        self._found: list[Row] = []
        self._made = 0

    @property
    def missing(self) -> int:
        """How many rows it would still take."""
        return self.query.count - len(self._found)

    def offer(self, view: View) -> bool:
        """One more view; whether it would take another.  Raises `Refusal` when a filter looks through too many."""
        query = self.query
        if not query.in_time(self._time_ns(view)):
            return True
        if self._first and not all(wanted.has(value_of(view)) for value_of, wanted in self._first):
            return True
        if not query.wanted and self.skip:
            self.skip -= 1
            return True
        if query.wanted and self._made == ROWS_MADE_MAX:
            raise too_many(self._made)
        row = self._row_of(view)
        self._made += 1
        if query.wanted:
            if not query.matches(row):
                return True
            if self.skip:
                self.skip -= 1
                return True
        self._found.append(row)
        return len(self._found) < query.count

    def rows(self) -> list[Row]:
        """What it has taken, in the columns asked for."""
        return project(self._found, self.query.columns, self._keys)


def too_many(rows: int) -> Refusal:
    """The refusal of a filter that would have to look through more rows than this."""
    return bad(f"Invalid filter: it would look through more than {rows} rows; add symbol, startTime or endTime")


def select(
    query: Query,
    views: Iterable[View],
    row_of: Callable[[View], Row],
    time_ns: Callable[[View], int],
    keys: Sequence[str],
    cheap: Mapping[str, Callable[[View], Any]] | None = None,
) -> list[Row]:
    """The rows asked for; `views` come in the order asked for.  `cheap` tells fields of a row without making it."""
    selection = Selection(query, row_of, time_ns, keys, cheap)
    for view in views:
        if not selection.offer(view):
            break
    return selection.rows()


def project(rows: list[Row], columns: Sequence[str], keys: Sequence[str]) -> list[Row]:
    """Only these columns and the keys; all of them when none is named."""
    if not columns:
        return rows
    if rows:
        for name in columns:
            if name not in rows[0]:
                raise bad(f"Invalid columns: there is no column {name}")
    kept = dict.fromkeys([*keys, *columns])
    return [{name: row[name] for name in kept if name in row} for row in rows]


def _number(ids: Ids, text: str) -> int:
    """An order's number; 0 for what is no id of ours."""
    try:
        return ids.order_id(text) or 0
    except ValueError:
        return 0


def _held(row: Row, name: str) -> Any:
    if name in row:
        return row[name]
    if name == "open" and "ordStatus" in row:
        return row["ordStatus"] in OPEN_STATES
    if name == "ordStatus.isTerminated" and "ordStatus" in row:
        return row["ordStatus"] not in OPEN_STATES
    field, _, part = name.partition(".")
    if part in TIME_PARTS and isinstance(row.get(field), str):
        return TIME_PARTS[part](row[field])
    if part in TIME_PARTS and field in row:
        return None
    raise bad(f"Invalid filter: there is no field {name}")
