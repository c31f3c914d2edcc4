"""The failing expression of a frame, and values of parts of it, without running any code of the user."""

import ast
import linecache

from . import safe


class Unsafe(Exception):
    """The value cannot be had without calling something."""


def failing_nodes(entry, kind):
    """Nodes of a kind in the failing statement; the exact one first where Python (3.11+) tells the columns."""
    code, line = entry.tb_frame.f_code, entry.tb_lineno
    tree = _tree(code.co_filename, entry.tb_frame.f_globals)
    exact = _position(code, entry.tb_lasti)
    found = []
    for node in _statement_nodes(tree, line, kind):
        at = (node.lineno, node.end_lineno, node.col_offset, node.end_col_offset)
        found.append((at != exact, node))
    return [node for _, node in sorted(found, key=lambda pair: pair[0])]


_trees = {}


def _tree(path, module):
    lines = linecache.getlines(path, module)
    known = _trees.get(path)
    if known is None or known[0] != len(lines) or known[1] != lines:
        try:
            tree = ast.parse("".join(lines))
        except (SyntaxError, ValueError):
            tree = ast.Module([], [])
        known = _trees[path] = (len(lines), lines, tree)
    return known[2]


def _position(code, lasti):
    """pytest 7 overwrites the positions of rewritten asserts: then none of them is exact."""
    if not hasattr(code, "co_positions"):
        return None
    for index, position in enumerate(code.co_positions()):
        if index == lasti // 2:
            return position
    return None


def _statement_nodes(tree, line, kind):
    for statement in ast.walk(tree):
        if not isinstance(statement, ast.stmt) or not _covers(statement, line):
            continue
        for part in _own_parts(statement):
            yield from (node for node in ast.walk(part) if isinstance(node, kind))


def _covers(statement, line):
    return statement.lineno <= line <= (statement.end_lineno or statement.lineno)


def _own_parts(statement):
    """A compound statement covers the lines of its body: only its head is its own."""
    if not hasattr(statement, "body"):
        return [statement]
    heads = (getattr(statement, name, None) for name in ("test", "iter", "items", "subject"))
    return [node for head in heads if head is not None for node in (head if isinstance(head, list) else [head])]


def evaluate(node, frame):
    """Names, plain attributes, constants, and subscripts of builtin containers; else ``Unsafe``."""
    if isinstance(node, ast.Constant):
        return node.value
    if type(node).__name__ == "Index":  # Python 3.8
        return evaluate(node.value, frame)
    if isinstance(node, ast.Name):
        for scope in (frame.f_locals, frame.f_globals, frame.f_builtins):
            if node.id in scope:
                return scope[node.id]
        raise Unsafe(node.id)
    if isinstance(node, ast.Attribute):
        try:
            return safe.attribute(evaluate(node.value, frame), node.attr)
        except LookupError:
            raise Unsafe(node.attr) from None
    if isinstance(node, ast.Subscript):
        owner, index = evaluate(node.value, frame), evaluate(node.slice, frame)
        if type(owner) in (dict, list, tuple, str) and type(index) in (str, int, float, bool, bytes, tuple):
            try:
                return owner[index]
            except (LookupError, TypeError):
                raise Unsafe("missing") from None
    raise Unsafe(type(node).__name__)


def unparse(node, frame):
    """Source text of a node; Python 3.8 cannot make it, but its file shows it."""
    if hasattr(ast, "unparse"):
        return ast.unparse(node)
    source = "".join(linecache.getlines(frame.f_code.co_filename, frame.f_globals))
    return ast.get_source_segment(source, node) or ""
