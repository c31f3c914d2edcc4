"""Finds the handler of a request."""


class NotFound(Exception):
    pass


class MethodNotAllowed(Exception):
    pass


class Router:
    def __init__(self, prefix=""):
        self.prefix = prefix.rstrip("/")
        self.routes = []

    def add(self, path, handler, methods=("GET",)):
        self.routes.append((self.prefix + path, handler, tuple(method.upper() for method in methods)))

    def find(self, method, path):
        allowed = set()
        for pattern, handler, methods in self.routes:
            values = match(pattern, path)
            if values is None:
                continue
            if method.upper() in methods:
                return handler, values
            allowed |= set(methods)
        if allowed:
            raise MethodNotAllowed(", ".join(sorted(allowed)))
        raise NotFound(path)

    def handle(self, method, path):
        try:
            handler, values = self.find(method, path)
        except NotFound as error:
            return {"status": 404, "body": f"no {error}"}
        except MethodNotAllowed as error:
            return {"status": 405, "headers": {"Allow": str(error)}}
        return {"status": 200, "body": handler(**values)}


def match(pattern, path):
    """The values of a pattern's {names}, or None."""
    wanted, given = pattern.strip("/").split("/"), path.strip("/").split("/")
    if len(wanted) != len(given):
        return None
    values = {}
    for part, value in zip(wanted, given):
        if part.startswith("{") and part.endswith("}"):
            name, _, kind = part[1:-1].partition(":")
            if kind == "int":
                if not value.isdigit():
                    return None
                value = int(value)
            values[name] = value
        elif part != value:
            return None
    return values
