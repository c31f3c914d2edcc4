"""Counting executed checks: a heal after which a test checks less than before is no heal.

A check is an ``assert`` statement, a call of an ``assert…`` function or method (unittest, mock, numpy), or a
``with pytest.raises(...)`` block and its like. Only overlaid files are counted: their text is compiled here.
"""

import ast
import inspect

COUNTER = "@medic_check"  # no name that Python source can hold or hide
_BLOCKS = {"raises", "warns", "deprecated_call"}

executed = 0


def count():
    global executed
    executed += 1


def held_by(function):
    """Whether a test function holds checks of its own."""
    code = getattr(inspect.unwrap(getattr(function, "__func__", function)), "__code__", None)
    return code is not None and COUNTER in code.co_names


def instrument(tree):
    """Puts a call of the counter before each check of a module."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            statements = getattr(node, field, None)
            if isinstance(statements, list) and any(_is_check(statement) for statement in statements):
                setattr(node, field, [part for statement in statements for part in _counted(statement)])


def _counted(statement):
    if _is_check(statement):
        call = ast.Call(func=ast.Name(id=COUNTER, ctx=ast.Load()), args=[], keywords=[])
        yield ast.fix_missing_locations(ast.copy_location(ast.Expr(value=call), statement))
    yield statement


def _is_check(statement):
    if isinstance(statement, ast.Assert):
        return True
    if isinstance(statement, ast.Expr):
        value = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
        return _is_check_call(value)
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return any(_is_check_call(item.context_expr) for item in statement.items)
    return False


def _is_check_call(node):
    if not isinstance(node, ast.Call):
        return False
    name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
    return name in _BLOCKS or name.startswith("assert")
