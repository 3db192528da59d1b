"""Floors 0 to 2 know no clock, chance, machine or fraction: what would make two replays differ is banned by name."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "outcry"
FILES = sorted(path for room in ("protocol", "rules", "engine") for path in (SOURCE / room).glob("*.py"))
MODULES = frozenset(
    [
        "asyncio",
        "datetime",
        "http",
        "io",
        "multiprocessing",
        "os",
        "pathlib",
        "platform",
        "random",
        "secrets",
        "select",
        "shutil",
        "signal",
        "socket",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "uuid",
    ]
)
NAMES = frozenset(["float", "open", "input", "eval", "exec", "globals", "hash", "id"])
"""`hash` of text differs from run to run and `id` from object to object; a parameter may have the name."""
WRITES_FILES = "generate.py"
"""It writes the generated files, so it may know paths, and joins them with a slash; nothing else."""


def broken(tree: ast.Module, writes_files: bool) -> list[str]:
    """What the source may not say, with its lines."""
    found: list[tuple[ast.expr | ast.stmt, str]] = []
    modules = MODULES - {"pathlib"} if writes_files else MODULES
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [(node, a.name) for a in node.names if a.name.split(".")[0] in modules]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in modules:
            found.append((node, str(node.module)))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMES:
            found.append((node, f"{node.func.id}()"))
        elif isinstance(node, ast.Name) and node.id in ("float", "complex", "open"):
            found.append((node, node.id))
        elif isinstance(node, ast.Constant) and isinstance(node.value, (float, complex)):
            found.append((node, f"the fraction {node.value}"))
        elif isinstance(node, (ast.BinOp, ast.AugAssign)) and isinstance(node.op, ast.Div) and not writes_files:
            found.append((node, "true division"))
    return [f"line {node.lineno}: {what}" for node, what in found]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nothing_from_outside_is_named(path: Path) -> None:
    assert broken(ast.parse(path.read_text()), path.name == WRITES_FILES) == []


@pytest.mark.parametrize(
    "text",
    [
        "import time",
        "import os.path",
        "from random import choice",
        "def f() -> int:\n    from uuid import uuid4\n    return uuid4().int",
        "x: float = 1",
        "x = 0.5",
        "x = 1 / 2",
        "x = 4\nx /= 2",
        "f = open('a')",
        "x = hash('a')",
    ],
)
def test_the_ban_sees_each_of_them(text: str) -> None:
    assert broken(ast.parse(text), writes_files=False) != []


def test_a_parameter_may_be_called_hash() -> None:
    assert broken(ast.parse("def mix(hash: int) -> int:\n    return hash // 2"), writes_files=False) == []


def test_the_engines_files_are_all_looked_at() -> None:
    assert {"arith.py", "machine.py", "records.py"} <= {path.name for path in FILES}
