"""Who may do what."""

LEVELS = {"guest": 0, "member": 10, "editor": 20, "admin": 30}


class Denied(Exception):
    """The user's role does not allow it."""


class User:
    def __init__(self, name, role="guest", active=True):
        self.name = name
        self.role = role
        self.active = active

    @property
    def level(self):
        return LEVELS[self.role] if self.active else 0


def can_read(user, document):
    return document["public"] or user.level >= LEVELS["member"]


def can_edit(user, document):
    return user.active and (document["owner"] == user.name or user.level >= LEVELS["editor"])


def can_delete(user, document):
    return can_edit(user, document) and not document.get("locked", False)


def edit(user, document, text):
    if not can_edit(user, document):
        raise Denied(f"{user.name} may not edit")
    return {**document, "text": text, "revision": document.get("revision", 0) + 1}


def promote(user):
    order = sorted(LEVELS, key=LEVELS.get)
    at = order.index(user.role)
    user.role = order[min(at + 1, len(order) - 1)]
    return user.role
