"""Reading values of a failed test without being hurt by them: bounded in size and time, secrets masked.

No property, ``__getattr__`` or ``__dir__`` of the user's objects is called. ``__repr__`` is, but only while an
alarm can interrupt it; where none can be set, the type stands for the value.
"""

import contextlib
import inspect
import os
import re
import reprlib
import signal
import threading
import types

LONGEST_VALUE = 400
LONGEST_COMPARED = 20_000
MOST_NAMES = 500

_SECRET = re.compile(r"TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|API_?KEY|PRIVATE|AUTH", re.IGNORECASE)
_interruptible = False


class TimeUp(BaseException):
    """Raised by the alarm. Not an ``Exception``, so that few handlers of the user's code catch it."""


@contextlib.contextmanager
def time_limit(seconds):
    """Ends what is inside after `seconds`; user code is only called where that is possible."""
    global _interruptible
    if not _alarm_is_free():
        yield
        return

    def ring(signum, frame):
        raise TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    _interruptible = True
    try:
        # Rings again and again: the first exception may be swallowed by what it interrupts.
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.05)
        yield
    except TimeUp:
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        _interruptible = False


def _alarm_is_free():
    """Not on Windows, in a thread, or where pytest-timeout or the user holds the alarm already."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        return False
    return signal.getitimer(signal.ITIMER_REAL)[0] == 0 and signal.getsignal(signal.SIGALRM) in (
        signal.SIG_DFL,
        signal.SIG_IGN,
    )


class _Short(reprlib.Repr):
    def __init__(self):
        super().__init__()
        self.maxstring = self.maxother = LONGEST_VALUE
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = self.maxfrozenset = self.maxdeque = 50
        self.maxlevel = 4

    def repr_bytes(self, value, level):
        return repr(value[:LONGEST_VALUE]) + ("..." if len(value) > LONGEST_VALUE else "")

    def repr_instance(self, value, level):
        kind = type(value)
        if kind.__repr__ is object.__repr__ or not _interruptible:
            return f"<{type_name(kind)} object>"
        try:
            return clip(repr(value), LONGEST_VALUE)
        except Exception as error:
            return f"<{type_name(kind)}: repr raised {type(error).__name__}>"


_short = _Short()


def show(value):
    """A bounded ``repr``."""
    try:
        return mask(clip(_short.repr(value)))
    except Exception as error:
        return f"<{type_name(type(value))}: repr raised {type(error).__name__}>"


def show_whole(value):
    """The ``repr`` of a value that was compared, whole unless it is very long; and whether it is."""
    if _interruptible:
        try:
            text = repr(value)
            if len(text) <= LONGEST_COMPARED:
                return mask(text), True
        except Exception:
            pass
    return show(value), False


def text_of(error):
    """``str(error)``, as pytest prints it when that fails."""
    try:
        return str(error)
    except Exception:
        return f"<unprintable {type(error).__name__} object>"


def clip(text, longest=LONGEST_VALUE * 4):
    return text if len(text) <= longest else text[: longest - 3] + "..."


def mask(text):
    """`text` without the values of environment variables that hold secrets."""
    for name, value in os.environ.items():
        if len(value) >= 6 and value in text and _SECRET.search(name):
            text = text.replace(value, "***")
    return text


def type_name(kind):
    """``shop.cart.Cart``; builtins without their module."""
    name = getattr(kind, "__qualname__", None) or getattr(kind, "__name__", "?")
    module = getattr(kind, "__module__", None)
    return str(name) if module in (None, "builtins") else f"{module}.{name}"


def public_names(owner):
    """The names that `owner` (an object, class or module) offers, without asking it."""
    names = set()
    try:
        for klass in type.__dict__["__mro__"].__get__(owner if isinstance(owner, type) else type(owner)):
            names.update(type.__dict__["__dict__"].__get__(klass))
    except Exception:
        pass
    try:
        names.update(object.__getattribute__(owner, "__dict__"))
    except Exception:
        pass
    return sorted(name for name in names if isinstance(name, str) and not name.startswith("_"))[:MOST_NAMES]


def attribute(owner, name):
    """A plain attribute of `owner`; properties and other computed ones raise ``LookupError``."""
    try:
        found = inspect.getattr_static(owner, name)
    except AttributeError:
        raise LookupError(name) from None
    if isinstance(found, types.FunctionType) and not isinstance(owner, (type, types.ModuleType)):
        return types.MethodType(found, owner)
    if isinstance(found, staticmethod):
        return found.__func__
    if isinstance(found, classmethod):
        return types.MethodType(found.__func__, owner if isinstance(owner, type) else type(owner))
    if isinstance(found, types.MemberDescriptorType) and not isinstance(owner, type):
        return found.__get__(owner)
    is_plain = isinstance(found, (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType))
    if not is_plain and hasattr(type(found), "__get__"):
        raise LookupError(name)
    return found
