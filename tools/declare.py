"""Writes the .pxd beside each room, line for line, so that the .py stays the only source.

A *room* is inlined into whoever calls it: its .pxd carries the bodies and it is never compiled itself.
A *door* is compiled into an extension: its .pxd carries declarations only.

- names imported under `if not cython.compiled:` become cimports;
- a function whose parameters and result all have C names becomes `cdef inline ... noexcept nogil`;
- anything else in a room is for Python alone and is left out;
- a class in a door takes its C attributes from its annotations.
"""

import ast
import re
from pathlib import Path

C_NAMES = {"i64", "u64", "i32", "u8", "i128", "flag"}
C_MODULE = "outcry.protocol.layout"
GUARD = "not cython.compiled"
PYTHON_KINDS = {"dict", "bytes", "list"}
NOTICE = "# Generated from the .py beside it by tools/declare.py.  Do not edit."


def c_name(node: ast.expr | None, known: set[str]) -> str:
    """The C name of an annotation, "void" for None, or nothing."""
    if isinstance(node, ast.Constant) and node.value is None:
        return "void"
    return node.id if isinstance(node, ast.Name) and node.id in known else ""


def header(node: ast.FunctionDef, known: set[str]) -> str:
    """`result name(kind parameter, ...) noexcept nogil`, or nothing if the function is Python's."""
    result = c_name(node.returns, known)
    kinds = [c_name(parameter.annotation, known) for parameter in node.args.args]
    if not result or not all(kinds) or node.args.defaults or node.args.kwonlyargs:
        return ""
    pairs = zip(kinds, node.args.args, strict=True)
    return f"{result} {node.name}({', '.join(f'{kind} {p.arg}' for kind, p in pairs)}) noexcept nogil"


def cimports(guard: ast.If, known: set[str]) -> list[tuple[int, str]]:
    """The guard's imports as cimports with their lines; what comes from the layout is a C name from here on."""
    out = []
    for item in guard.body:
        if not isinstance(item, ast.ImportFrom) or item.level:
            raise SyntaxError(f"line {item.lineno}: only absolute `from ... import ...` may stand under the guard")
        names = [alias.name for alias in item.names]
        out.append((item.lineno - 1, f"from {item.module} cimport {', '.join(names)}"))
        if item.module == C_MODULE:
            known.update(names)
    return out


def attributes(node: ast.ClassDef, known: set[str]) -> list[tuple[int, str]]:
    """A door's class as a cdef class with its annotated attributes."""
    out = [(node.lineno - 1, f"cdef class {node.name}:")]
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            kind = c_name(item.annotation, known) or re.sub(r"\W.*", "", ast.unparse(item.annotation))
            held = kind if kind in known | PYTHON_KINDS else "object"
            out.append((item.lineno - 1, f"    cdef {held} {item.target.id}"))
    return out


def declare(source: str, door: bool) -> str:
    """The text of the .pxd."""
    lines, tree, known = source.splitlines(), ast.parse(source), set(C_NAMES)
    out = ["" for _ in lines]
    for node in tree.body:
        if isinstance(node, ast.If) and ast.unparse(node.test) == GUARD:
            for place, text in cimports(node, known):
                out[place] = text
        elif isinstance(node, ast.FunctionDef) and (head := header(node, known)):
            first = node.body[0].lineno - 1
            out[node.lineno - 1] = f"cdef {head}" if door else f"cdef inline {head}:"
            if not door:
                if first == node.lineno - 1:
                    raise SyntaxError(f"line {node.lineno}: the body of {node.name} starts on a line of its own")
                out[first : node.end_lineno] = lines[first : node.end_lineno]
        elif isinstance(node, ast.ClassDef) and door:
            for place, text in attributes(node, known):
                out[place] = text
    if not out[0]:
        out[0] = NOTICE
    return "\n".join([*out, ""])


def write(path: Path, door: bool) -> None:
    """Write the .pxd if it changed; an untouched file is not recompiled."""
    target, text = path.with_suffix(".pxd"), declare(path.read_text(), door)
    if not target.exists() or target.read_text() != text:
        target.write_text(text)
