"""A table of records in memory."""


class Table:
    def __init__(self, key="id"):
        self.key = key
        self.rows = {}
        self.log = []

    def insert(self, **fields):
        if self.key not in fields:
            raise KeyError(f"no {self.key}")
        if fields[self.key] in self.rows:
            raise ValueError("duplicate key")
        self.rows[fields[self.key]] = dict(fields)
        self.log.append(("insert", fields[self.key]))
        return fields[self.key]

    def update(self, key, **fields):
        changed = {name: value for name, value in fields.items() if self.rows[key].get(name) != value}
        self.rows[key].update(changed)
        if changed:
            self.log.append(("update", key))
        return sorted(changed)

    def delete(self, key):
        found = self.rows.pop(key, None)
        if found is not None:
            self.log.append(("delete", key))
        return found is not None

    def where(self, **wanted):
        def fits(row):
            return all(row.get(name) == value for name, value in wanted.items())

        return [row for row in self.rows.values() if fits(row)]

    def page(self, number, size=2):
        keys = sorted(self.rows)
        start = (number - 1) * size
        return keys[start : start + size]

    def average(self, field):
        values = [row[field] for row in self.rows.values() if field in row]
        return sum(values) / len(values) if values else 0.0
