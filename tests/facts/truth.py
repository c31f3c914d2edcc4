"""What Python itself says of installed packages, as JSON lines: one object for each module.

    python truth.py PACKAGE...

Names and members are those that the source defines (`ast`) and that exist at run time; bases come from the
real `__mro__`; signatures from `inspect`.
"""

import ast
import contextlib
import enum
import functools
import importlib
import inspect
import io
import json
import pkgutil
import sys
import textwrap
import types
import warnings

warnings.simplefilter("ignore")


def bound_names(body):
    """The names that statements bind, below `if`, `try`, `with` and `for` too."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                if alias.name != "*":
                    yield alias.asname or alias.name.split(".")[0]
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                yield from target_names(target)
        elif isinstance(node, ast.AnnAssign):
            yield from target_names(node.target)
        for field in ("body", "orelse", "finalbody"):
            inner = getattr(node, field, None)
            if isinstance(inner, list) and isinstance(node, (ast.If, ast.Try, ast.With, ast.For, ast.While)):
                yield from bound_names(inner)
        for handler in getattr(node, "handlers", []):
            yield from bound_names(handler.body)


def target_names(target):
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, (ast.Tuple, ast.List)):
        for item in target.elts:
            yield from target_names(item)


def self_attributes(node):
    """`self.name = ...` in the methods of a class."""
    for method in node.body:
        if not isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)) or not method.args.args:
            continue
        if any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in method.decorator_list):
            continue
        receiver = (method.args.posonlyargs + method.args.args)[0].arg
        for inner in ast.walk(method):
            targets = []
            if isinstance(inner, ast.Assign):
                targets = inner.targets
            elif isinstance(inner, ast.AnnAssign):
                targets = [inner.target]
            for target in targets:
                parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
                for part in parts:
                    if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == receiver:
                        yield part.attr


@functools.lru_cache(maxsize=None)
def own_members(cls):
    """What the source of one class defines; None where there is none."""
    try:
        node = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return None
    if not isinstance(node, ast.ClassDef) or node.name != cls.__name__:
        return None
    imported = {a.asname or a.name for n in node.body if isinstance(n, (ast.Import, ast.ImportFrom)) for a in n.names}
    in_body = set(bound_names(node.body)) - imported
    annotations = cls.__dict__.get("__annotations__", {})
    body = {name for name in in_body if name in cls.__dict__ or name in annotations or f"_{cls.__name__.lstrip('_')}{name}" in cls.__dict__}
    return body | set(self_attributes(node))


def parameters(thing, cls=None):
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):
        return None
    # `__name` of a method is `_Class__name` to inspect; the source says `__name`.
    mangled = f"_{cls.__name__.lstrip('_')}__" if cls else "\0"
    plain = lambda name: "__" + name.removeprefix(mangled) if name.startswith(mangled) else name
    return [[plain(p.name), p.kind.name.lower(), p.default is not p.empty] for p in signature.parameters.values()]


def constructors(cls):
    """The signatures that a call of the class must fit: of `__new__` and `__init__` where one class has both
    (inspect takes the first; each is a truth), else what inspect says."""
    for base in cls.__mro__:
        both = [base.__dict__[name] for name in ("__init__", "__new__") if isinstance(base.__dict__.get(name), (types.FunctionType, staticmethod))]
        if len(both) == 2:
            found = [parameters(getattr(function, "__func__", function), base) for function in both]
            return [signature[1:] for signature in found if signature]
        if both:
            break
    found = parameters(cls, cls)
    return None if found is None else [found]


def class_truth(cls):
    members, complete = set(), True
    for base in cls.__mro__:
        # What typing and builtins add is machinery.
        own = own_members(base) if base.__module__ not in ("builtins", "typing", "typing_extensions", "abc") else set()
        complete &= own is not None
        members |= own or set()
    methods = {}
    written = own_members(cls) or set()
    for name, value in vars(cls).items():
        if name not in written or name == "__new__":
            continue
        function = value.__func__ if isinstance(value, (staticmethod, classmethod)) else value
        if isinstance(function, types.FunctionType) and function.__qualname__ == f"{cls.__qualname__}.{name}" and not hasattr(function, "__wrapped__"):
            if function.__module__ == cls.__module__:
                found = parameters(function, cls)
                if found is not None:
                    methods[name] = found if isinstance(value, staticmethod) else found[1:]
    plain = type(cls).__call__ is type.__call__ and "__signature__" not in vars(cls)
    known = members | {name for base in cls.__mro__ for name in vars(base)}
    return {
        "members": sorted(members),
        "known": sorted(known) if complete else None,
        "methods": methods,
        "constructors": constructors(cls) if plain else None,
    }


def made_truth(cls):
    """A class that a call made: `namedtuple("Point", "x y")`, `Enum("Color", "RED GREEN")`; None for others."""
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return {"members": sorted(cls._fields), "known": None, "methods": {}, "constructors": constructors(cls)}
    if isinstance(cls, enum.EnumMeta):
        return {"members": sorted(cls.__members__), "known": None, "methods": {}, "constructors": None}
    return None


def module_truth(module, tree):
    names = {name for name in bound_names(tree.body) if hasattr(module, name)}
    # What a call makes, `all = _frommethod("all")`, has no signature in the source.
    written = {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    truth = {"module": module.__name__, "names": sorted(names), "functions": {}, "classes": {}}
    for name, value in list(vars(module).items()):
        if getattr(value, "__module__", None) != module.__name__ or name not in names:
            continue
        if isinstance(value, types.FunctionType) and value.__qualname__ == name and not hasattr(value, "__wrapped__"):
            if value.__code__.co_filename == module.__file__ and name in written:
                truth["functions"][name] = parameters(value)
        elif isinstance(value, type) and value.__qualname__ == name:
            found = class_truth(value) if own_members(value) is not None else made_truth(value)
            if found:
                truth["classes"][name] = found
    return truth


def modules(package):
    yield package
    root = importlib.import_module(package)
    for info in pkgutil.walk_packages(getattr(root, "__path__", []), package + ".", onerror=lambda name: None):
        if not any(part in ("tests", "testing", "__main__", "conftest", "_examples") for part in info.name.split(".")):
            yield info.name


def main():
    output = sys.stdout
    for package in sys.argv[1:]:
        for name in list(modules(package)):
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                try:
                    module = importlib.import_module(name)
                    with open(module.__file__, encoding="utf-8") as file:
                        tree = ast.parse(file.read())
                except BaseException:
                    continue
                if module.__name__ != name or not module.__file__.endswith(".py"):
                    continue
                line = json.dumps(module_truth(module, tree))
            print(line, file=output, flush=True)


main()
