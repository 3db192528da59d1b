"""The tools behind the compiled doors: what becomes C, what is a room, and which arithmetic is narrow."""

import pytest

import declare
import narrow
import rooms

ROOM = '''"""A room."""

import cython

if not cython.compiled:
    from outcry.protocol.layout import FaultRow, flag, i64
    from outcry.rules.arith import mul_div_floor

LIMIT = 5


def half(amount: i64, fault: FaultRow) -> i64:
    """Half of it."""
    return mul_div_floor(amount, 1, 2, fault)


def spelled(amount: i64) -> str:
    """For Python only."""
    return str(amount)
'''

DECLARED = """# Generated from the .py beside it by tools/declare.py.  Do not edit.




from outcry.protocol.layout cimport FaultRow, flag, i64
from outcry.rules.arith cimport mul_div_floor




cdef inline i64 half(i64 amount, FaultRow fault) noexcept nogil:
    \"\"\"Half of it.\"\"\"
    return mul_div_floor(amount, 1, 2, fault)





"""


def test_a_room_is_declared_line_for_line() -> None:
    assert declare.declare(ROOM, door=False) == DECLARED


def test_a_door_is_declared_without_bodies_and_with_its_attributes() -> None:
    door = ROOM + "\n\nclass Machine:\n    held: dict[str, memoryview]\n    count: i64\n    other: memoryview\n"
    text = declare.declare(door, door=True)
    assert "cdef i64 half(i64 amount, FaultRow fault) noexcept nogil\n" in text
    assert "return mul_div_floor" not in text
    assert "cdef class Machine:\n    cdef dict held\n    cdef i64 count\n    cdef object other\n" in text


def test_only_absolute_imports_stand_under_the_guard() -> None:
    with pytest.raises(SyntaxError, match="line 4"):
        declare.declare("import cython\n\nif not cython.compiled:\n    X = 1\n", door=False)


def test_every_module_of_rules_and_engine_is_a_room_a_door_or_plain() -> None:
    names = [*rooms.rooms(), *rooms.doors()]
    assert len(names) == len(set(names))
    assert "outcry.engine.machine" in rooms.doors()
    assert "outcry.rules.arith" in rooms.rooms()
    assert not set(names) & set(rooms.PLAIN)
    for module in rooms.PLAIN:
        assert (rooms.ROOT / rooms.source(module)).is_file()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("x = order.side", True),
        ("x = -order.side", True),
        ("x = order.account * 1_000_000", True),
        ("x = 1 << number", True),
        ("x = order.quantity + 1", False),
        ("x: i64 = order.side", False),
        ("x = number - order.side * 2", True),
        ("x = number << 1", False),
        ("x = tables.fault", False),
        ("order.flags = order.side | 1", False),
    ],
)
def test_narrow_arithmetic_is_found(line: str, found: bool) -> None:
    assert bool(narrow.findings(f"def f(order: OrderRow, number: i64) -> i64:\n    {line}\n    return 0\n")) is found


def test_a_local_with_a_type_may_be_given_a_narrow_number() -> None:
    text = "def f(order: OrderRow) -> None:\n    x: i64 = 0\n    x = order.side\n"
    assert narrow.findings(text) == []


def test_nothing_narrow_is_in_the_house() -> None:
    assert narrow.main([]) == 0
