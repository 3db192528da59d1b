"""Finds arithmetic on fields narrower than 64 bits, and shifts of literals: in C they wrap where Python does not.

Works by field name, over all rooms and doors or the files it is given.  A name that some record has with 64 bits and
another with fewer counts as wide, so it can miss one; it never sees a narrow number behind a function's result.
"""

import ast
import sys
from pathlib import Path

from outcry.protocol.records import RECORDS
from rooms import ROOT, doors, rooms, source

FIELDS = [field for record in RECORDS for field in (*record.public, *record.private, *record.derived)]
NARROW = {field.name for field in FIELDS if field.width.ctype in ("i32", "u8")} - {
    field.name for field in FIELDS if field.width.ctype in ("i64", "u64")
}


def values(node: ast.expr) -> list[ast.expr]:
    """What the expression may evaluate to, or compute with."""
    if isinstance(node, ast.IfExp):
        return [*values(node.body), *values(node.orelse)]
    if isinstance(node, ast.BinOp):
        return [*values(node.left), *values(node.right)]
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        return values(node.operand)
    return [node]


def declared(function: ast.AST) -> set[str]:
    """Locals and parameters whose type is written down: a narrow number that they are given is widened at once."""
    names = {
        node.target.id
        for node in ast.walk(function)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    return names | {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}


def suspects(node: ast.AST, typed: set[str]) -> list[ast.expr]:
    """What an expression computes with, or an undeclared local's type is inferred from."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitAnd, ast.BitOr)):
        return []  # bits of two numbers need no more room than the numbers
    if isinstance(node, (ast.BinOp, ast.UnaryOp)):
        return values(node)
    if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id not in typed for t in node.targets):
        return values(node.value)
    return []


def is_narrow(node: ast.expr) -> bool:
    """A field of fewer than 64 bits; `tables.x` is a table even where a field has its name."""
    if not isinstance(node, ast.Attribute) or node.attr not in NARROW:
        return False
    return not (isinstance(node.value, ast.Name) and node.value.id == "tables")


def findings(text: str) -> list[str]:
    """`line: what is wrong and what to write instead`, in the order of the lines."""
    found: set[tuple[int, str]] = set()
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    for function in functions:
        typed = declared(function)
        for node in ast.walk(function):
            for suspect in suspects(node, typed):
                if is_narrow(suspect):
                    spelled = ast.unparse(suspect)
                    found.add((suspect.lineno, f"{spelled} is narrow; say `name: i64 = {spelled}` first"))
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.LShift) and isinstance(node.left, ast.Constant):
                found.add((node.lineno, "shift of a literal; give it a name of type i64"))
    return [f"{line}: {what}" for line, what in sorted(found)]


def main(names: list[str]) -> int:
    """Print what was found; 1 if anything was."""
    files = [Path(name) for name in names] or [ROOT / source(module) for module in rooms() + doors()]
    found = [f"{file}:{line}" for file in files for line in findings(file.read_text())]
    print("\n".join(found) if found else f"narrow: {len(files)} rooms and doors, nothing found")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
