"""Mutants: every way in which one place of a Python module can be broken by a slip."""

import ast
import copy

SWAPS = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
}


#: Calls that are easily mixed up.
CALLS = {
    "min": "max", "max": "min", "any": "all", "all": "any", "upper": "lower", "lower": "upper", "startswith": "endswith",
    "endswith": "startswith", "strip": "rstrip", "rstrip": "lstrip", "append": "remove", "add": "discard", "sorted": "list",
}
#: Exceptions that are easily taken for each other.
EXCEPTIONS = {"ValueError": "TypeError", "KeyError": "IndexError", "TypeError": "ValueError", "IndexError": "KeyError"}


def edits(node):
    """(what, function that breaks this very node) for each slip that the node allows."""

    def swap(field, index=None):
        old = getattr(node, field) if index is None else getattr(node, field)[index]
        new = SWAPS.get(type(old))
        if new is None:
            return

        def apply(target):
            if index is None:
                setattr(target, field, new())
            else:
                getattr(target, field)[index] = new()

        yield f"{type(old).__name__} becomes {new.__name__}", apply

    if isinstance(node, (ast.BinOp, ast.AugAssign, ast.BoolOp)):
        yield from swap("op")
    elif isinstance(node, ast.Compare):
        for index in range(len(node.ops)):
            yield from swap("ops", index)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        def drop_not(target):
            target.op, target.operand = ast.Not(), ast.UnaryOp(op=ast.Not(), operand=target.operand)
        yield "a `not` goes", drop_not
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield f"{node.value} flips", lambda target: setattr(target, "value", not node.value)
        elif isinstance(node.value, (int, float)):
            yield f"{node.value} grows by one", lambda target: setattr(target, "value", node.value + 1)
        elif isinstance(node.value, str) and node.value:
            yield f"{node.value!r} is misspelt", lambda target: setattr(target, "value", node.value + "x")
    elif isinstance(node, ast.Return) and node.value is not None:
        yield "a return value is lost", lambda target: setattr(target, "value", ast.Constant(None))
        if isinstance(node.value, ast.Tuple):
            yield "a returned tuple turns round", lambda target: target.value.elts.reverse()
    elif isinstance(node, ast.Name) and node.id in EXCEPTIONS:
        yield f"{node.id} becomes {EXCEPTIONS[node.id]}", lambda target: setattr(target, "id", EXCEPTIONS[node.id])
    elif isinstance(node, ast.Name) and node.id in CALLS:
        yield f"{node.id} becomes {CALLS[node.id]}", lambda target: setattr(target, "id", CALLS[node.id])
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS:
        new = CALLS[node.func.attr]
        yield f"{node.func.attr} becomes {new}", lambda target: setattr(target.func, "attr", new)
    elif isinstance(node, ast.Call) and len(node.args) == 2 and not node.keywords:
        yield "two arguments are swapped", lambda target: target.args.reverse()
    elif isinstance(node, ast.Call) and node.keywords and node.keywords[-1].arg:
        yield f"{node.keywords[-1].arg}= is lost", lambda target: target.keywords.pop()
    elif isinstance(node, ast.Break):
        yield "a break is lost", None
    elif isinstance(node, ast.Continue):
        yield "a continue is lost", None
    elif isinstance(node, ast.If):
        yield "a condition is always true", lambda target: setattr(target, "test", ast.Constant(True))
        yield "a condition is never true", lambda target: setattr(target, "test", ast.Constant(False))
    elif isinstance(node, (ast.Raise, ast.AugAssign)) or isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield "a statement is lost", None


def docstrings(tree):
    """The constants that are documentation."""
    found = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
            found.add(id(body[0].value))
    return found


def mutants(text):
    """Yields (what, line, broken text) for every slip in the module."""
    tree = ast.parse(text)
    skip = docstrings(tree)
    for index, node in enumerate(ast.walk(tree)):
        if id(node) in skip:
            continue
        for what, apply in edits(node):
            broken = copy.deepcopy(tree)
            target = next(other for at, other in enumerate(ast.walk(broken)) if at == index)
            if apply is None:
                replace(broken, target)
            else:
                apply(target)
            lines = splice(text, node, ast.unparse(ast.fix_missing_locations(target if apply else ast.Pass())))
            if lines and lines != text:
                yield what, node.lineno, lines


def replace(tree, statement):
    """Puts `pass` in the place of a statement."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and statement in block:
                block[block.index(statement)] = ast.Pass()


def splice(text, node, new):
    """The text with one node rewritten, everything else as it was; None where that does not parse."""
    lines = text.splitlines(keepends=True)
    start = sum(len(line.encode()) for line in lines[: node.lineno - 1]) + node.col_offset
    end = sum(len(line.encode()) for line in lines[: node.end_lineno - 1]) + node.end_col_offset
    raw = text.encode()
    if isinstance(node, ast.If):
        test = node.test
        start = sum(len(line.encode()) for line in lines[: test.lineno - 1]) + test.col_offset
        end = sum(len(line.encode()) for line in lines[: test.end_lineno - 1]) + test.end_col_offset
        new = new.removeprefix("if ").split(":", 1)[0]
    broken = (raw[:start] + new.encode() + raw[end:]).decode()
    try:
        ast.parse(broken)
    except SyntaxError:
        return None
    return broken
