"""Patched text in the place of files: what pytest collects and imports, the files on disk stay as they are.

A finder in front of all others compiles the patched text itself, with pytest's assertion rewriting where pytest
would rewrite; it reads and writes no .pyc. ``linecache`` shows the patched lines in every traceback.
"""

import ast
import functools
import importlib.util
import io
import linecache
import os
import sys

from . import checks


class Overlay:
    """The texts, by the real path of the file they stand for."""

    def __init__(self):
        self.texts = {}
        self._tails = set()

    def load(self, texts):
        self.texts = {real(path): text for path, text in texts.items()}
        self._tails = {_module_tail(path) for path in self.texts}
        for path in self.texts:
            self._fill_linecache(path, path)
        if self.texts:
            self.go_first()
            _watch_linecache(self)

    def go_first(self):
        """Comes before every other finder, pytest's assertion rewriter included."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        if self.texts:
            sys.meta_path.insert(0, self)

    def _fill_linecache(self, path, name):
        text = self.texts[path]
        lines = io.StringIO(text, newline=None).read().splitlines(keepends=True)
        # mtime None: checkcache() never replaces the entry by the file on disk.
        linecache.cache[name] = linecache.cache[path] = (len(text), None, lines, name)
        return lines

    # importlib's finder protocol

    def find_spec(self, name, path=None, target=None):
        if name.rpartition(".")[2] not in self._tails:
            return None
        found = self._ask_others(name, path, target)
        if found is None or found.origin is None or real(found.origin) not in self.texts:
            origin = self._below(name, path or ())
            found = importlib.util.spec_from_file_location(name, origin) if origin else None
        if found is None:
            return None
        return importlib.util.spec_from_file_location(
            name,
            found.origin,
            loader=Loader(self, found.origin, _rewriter(name, found.origin)),
            submodule_search_locations=found.submodule_search_locations,
        )

    def _ask_others(self, name, path, target):
        for finder in sys.meta_path:
            if finder is not self and hasattr(finder, "find_spec"):
                found = finder.find_spec(name, path, target)
                if found is not None:
                    return found
        return None

    def _below(self, name, path):
        """With --import-mode=importlib, pytest 8 asks for `a.b.test_c` below the folder that holds `a`."""
        parts = name.split(".")
        for folder in path:
            for tail in (parts, parts[-1:]):
                base = os.path.join(folder, *tail)
                for candidate in (base + ".py", os.path.join(base, "__init__.py")):
                    if real(candidate) in self.texts and os.path.isfile(candidate):
                        return candidate
        return None

    def invalidate_caches(self):
        pass


class Loader:
    """Compiles a patched text."""

    def __init__(self, overlay, origin, rewriter):
        self.overlay, self.origin, self.rewriter = overlay, origin, rewriter

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.__dict__[checks.COUNTER] = checks.count
        exec(self.get_code(), module.__dict__)

    def is_package(self, fullname):
        return os.path.basename(self.origin) == "__init__.py"

    def get_filename(self, fullname=None):
        return self.origin

    def get_source(self, fullname=None):
        return self.overlay.texts[real(self.origin)]

    def get_code(self, fullname=None):
        # The bytes that would stand on disk: a coding cookie means what it would mean there.
        source = self.get_source().encode("utf-8")
        tree = ast.parse(source, filename=self.origin)
        checks.instrument(tree)
        if self.rewriter is not None:
            from _pytest.assertion.rewrite import rewrite_asserts

            rewrite_asserts(tree, source, self.origin, self.rewriter.config)
        return compile(tree, self.origin, "exec", dont_inherit=True)


@functools.lru_cache(maxsize=4096)
def real(path):
    """One name for one file, whatever link or case it was asked by."""
    return os.path.normcase(os.path.realpath(os.fspath(path)))


def _module_tail(path):
    stem = os.path.splitext(os.path.basename(path))[0]
    return os.path.basename(os.path.dirname(path)) if stem == "__init__" else stem


def _rewriter(name, origin):
    """pytest's hook, where it would rewrite this module."""
    hook = next((finder for finder in sys.meta_path if type(finder).__name__ == "AssertionRewritingHook"), None)
    # `find_spec` with the file itself is how pytest asks from 8.4 on; before, the folder finds it.
    places = ([os.path.dirname(origin), origin], [os.path.dirname(origin)])
    asked = (hook.find_spec(name, place) for place in places) if hook is not None else ()
    return hook if any(found is not None and found.loader is hook for found in asked) else None


def _watch_linecache(overlay):
    """`linecache.clearcache()` would bring back the lines on disk."""
    original = linecache.updatecache
    if getattr(original, "medic_overlay", None) is overlay:
        return

    @functools.wraps(original)
    def updatecache(filename, module_globals=None, *args, **kwargs):
        path = real(filename) if filename and not filename.startswith("<") else None
        if path in overlay.texts:
            return overlay._fill_linecache(path, filename)
        return original(filename, module_globals, *args, **kwargs)

    updatecache.medic_overlay = overlay
    linecache.updatecache = updatecache


OVERLAY = Overlay()
