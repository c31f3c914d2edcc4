"""Reads settings from text and the environment."""

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off"}


class SettingError(ValueError):
    def __init__(self, line, message):
        super().__init__(f"line {line}: {message}")
        self.line = line


def parse(text):
    """`[section]` and `key = value` lines; `#` begins a comment."""
    found = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.split("#", 1)[0].strip()
        if not line:
            continue
        if line.startswith("["):
            if not line.endswith("]"):
                raise SettingError(number, "a section ends with ]")
            section = line[1:-1].strip().lower()
        elif "=" in line:
            key, value = (part.strip() for part in line.split("=", 1))
            name = f"{section}.{key}" if section else key
            if name in found:
                raise SettingError(number, f"{name} stands twice")
            found[name] = value
        else:
            raise SettingError(number, f"no = in {line!r}")
    return found


def flag(value, default=None):
    value = value.strip().lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    if default is None:
        raise ValueError(f"{value!r} is neither true nor false")
    return default


def merged(base, environment, prefix="APP_"):
    """The settings with those of the environment over them."""
    result = dict(base)
    for name, value in environment.items():
        if name.startswith(prefix):
            result[name[len(prefix):].lower().replace("__", ".")] = value
    return result


def size(text):
    """`10k` is 10240."""
    units = {"k": 1024, "m": 1024 * 1024}
    text = text.strip().lower()
    if text and text[-1] in units:
        return int(text[:-1]) * units[text[-1]]
    return int(text)
