"""Writes src/workspace/builtins.pyi: the builtins of the interpreter that runs this, with their signatures.

    python tests/facts/builtins.py > src/workspace/builtins.pyi
"""

import builtins
import inspect

HEADER = "# Made by tests/facts/builtins.py: names and signatures of Python's builtins. Do not edit.\n"


def signature(thing, owner=None):
    try:
        found = inspect.signature(thing)
    except (TypeError, ValueError):
        return "(self, *args, **kwargs)" if owner else "(*args, **kwargs)"
    parameters = [p.replace(annotation=p.empty, default=p.default if plain(p.default) else p.empty if p.default is p.empty else None) for p in found.parameters.values()]
    return str(found.replace(parameters=parameters, return_annotation=found.empty))


def plain(value):
    return value is inspect.Parameter.empty or value is None or isinstance(value, (int, str, bool, float))


def members(cls):
    for name, value in sorted(vars(cls).items()):
        if name.startswith("__") and name not in ("__init__", "__call__", "__enter__", "__exit__", "__iter__", "__getitem__", "__len__", "__contains__"):
            continue
        if isinstance(value, staticmethod):
            yield f"    @staticmethod\n    def {name}{signature(value.__func__)}: ..."
        elif isinstance(value, (classmethod, type(dict.__dict__["fromkeys"]))):
            yield f"    @classmethod\n    def {name}(cls, *args, **kwargs): ..."
        elif callable(value):
            yield f"    def {name}{signature(value, cls)}: ..."
        else:
            yield f"    @property\n    def {name}(self): ..."


def main():
    print(HEADER)
    classes = {name: value for name, value in vars(builtins).items() if isinstance(value, type) and value.__name__ == name}
    for name, cls in sorted(classes.items(), key=lambda item: (len(item[1].__mro__), item[0])):
        if cls is object:
            print("class object: ...\n")
            continue
        bases = ", ".join(base.__name__ for base in cls.__bases__ if base is not object)
        body = list(members(cls)) or ["    ..."]
        print(f"class {name}({bases}):" if bases else f"class {name}:")
        print("\n".join(body) + "\n")
    for name, value in sorted(vars(builtins).items()):
        if name.startswith("_") or name in classes or name in ("copyright", "credits", "license", "exit", "quit", "help", "True", "False", "None"):
            continue
        if isinstance(value, type):
            print(f"{name} = {value.__name__}")
        elif callable(value):
            print(f"def {name}{signature(value)}: ...")
        else:
            print(f"{name} = ...")


main()
