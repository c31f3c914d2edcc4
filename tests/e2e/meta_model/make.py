#!/usr/bin/env python3
"""Writes model.json: what the LSP meta model says of every message, without its prose.

    pip install lsprotocol==2025.0.0 && python3 tests/e2e/meta_model/make.py

lsprotocol (MIT, Microsoft) is generated from the meta model of LSP 3.18 that the specification publishes. A type is
a name, `{"array": T}`, `{"map": T}`, `{"or": [T]}`, `{"tuple": [T]}` or `{"const": value}`; of a structure each field has
its type, and `"?"` before its name where it may be left out.
"""

import enum
import json
import pathlib
import re
import typing

import attrs
from lsprotocol import types, validators

BASE = {str: "string", bool: "boolean", float: "decimal", int: "integer", type(None): "null", None: "null", object: "any"}
ANY = {"LSPAny", "LSPObject", "LSPArray"}
# Fields that may be left out and may be null: lsprotocol always writes them, as it must write nulls that are required.
OPTIONAL_AND_NULL = {"root_path", "workspace_folders", "active_parameter"}


def camel(name):
    first, *rest = name.strip("_").split("_")
    return first + "".join(part.title() for part in rest)


class Model:
    def __init__(self):
        self.structures, self.enumerations = {}, {}

    def type(self, hint):
        if hint in BASE:
            return BASE[hint]
        if hint is typing.Any:
            return "any"
        if isinstance(hint, typing.ForwardRef):
            hint = hint.__forward_arg__
        if isinstance(hint, str):
            return "any" if hint in ANY else self.type(eval(hint, vars(typing) | vars(types)))
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if origin is typing.Union:
            if typing.ForwardRef("LSPObject") in arguments:
                return "any"
            return {"or": [self.type(argument) for argument in arguments]}
        if origin is typing.Literal:
            return {"const": arguments[0]}
        if origin is tuple:
            return {"tuple": [self.type(argument) for argument in arguments]}
        if origin is not None and "Mapping" in str(origin) or origin is dict:
            return {"map": self.type(arguments[1])}
        if origin is not None:
            return {"array": self.type(arguments[0])}
        name = hint.__name__
        if name in ANY:
            return "any"
        if issubclass(hint, enum.Enum):
            self.enumerations[name] = [member.value for member in hint]
        elif name not in self.structures:
            self.structures[name] = None  # it may hold itself
            self.structures[name] = self.fields(hint)
        return name

    def fields(self, cls):
        fields = {}
        for field in attrs.fields(cls):
            hint = field.type
            kept = types.is_special_property(cls, field.name) and field.name not in OPTIONAL_AND_NULL
            optional = field.default is not attrs.NOTHING and not kept
            if optional and isinstance(hint, str):
                hint = eval(hint, vars(typing) | vars(types))
            if optional and typing.get_origin(hint) is typing.Union and field.name not in OPTIONAL_AND_NULL:
                rest = [argument for argument in typing.get_args(hint) if argument is not type(None)]
                hint = typing.Union[tuple(rest)]
            made = self.type(hint)
            if made == "integer" and "uinteger" in repr(field.validator):
                made = "uinteger"
            fields["?" * optional + camel(field.name)] = made
        return fields


def messages(model):
    requests, notifications = {}, {}
    for method, (request, response, *_) in types.METHOD_TO_TYPES.items():
        by_name = {field.name: field.type for field in attrs.fields(request)}
        wanted = model.type(by_name["params"]) if "params" in by_name else "null"
        if isinstance(wanted, dict) and "null" in wanted.get("or", []):
            wanted = "null" if wanted["or"] == ["null"] else wanted
        message = {"from": types.message_direction(method), "params": wanted}
        if response is None:
            notifications[method] = message
        else:
            result = {field.name: field.type for field in attrs.fields(response)}.get("result", type(None))
            requests[method] = message | {"result": model.type(result)}
    return requests, notifications


def main():
    model = Model()
    requests, notifications = messages(model)
    for progress in (types.WorkDoneProgressBegin, types.WorkDoneProgressReport, types.WorkDoneProgressEnd):
        model.type(progress)
    model.type(types.DidChangeWatchedFilesRegistrationOptions)
    sections = {
        "requests": requests,
        "notifications": notifications,
        "structures": model.structures,
        "enumerations": model.enumerations,
    }
    lines = []
    for name, entries in sections.items():
        rows = [f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in sorted(entries.items())]
        lines.append(f'"{name}":{{\n' + ",\n".join(rows) + "\n}")
    place = pathlib.Path(__file__).with_name("model.json")
    place.write_text("{" + ",\n".join(lines) + "}\n")


main()
