#!/usr/bin/env python3
"""Makes docs/img/terminal.svg: `pytest-medic heal` on the broken project, as a real terminal showed it.

    PYTHON=... editors/test/cast.py PYTEST-MEDIC

The screens are those of a real run inside tmux; only their times are stretched, so that one can read them.
"""

import html
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE.parent.parent / "docs/img/terminal.svg"
COLUMNS, ROWS = 98, 38
LINE, CHARACTER, MARGIN = 17, 7.83, 14  # pixels, for a 13 px monospace font
BLINK_S, READ_S, LAST_S = 0.4, 2.4, 9.0  # how long a screen stays: hardly new, new, the last
COLOURS = {"31": "#ff7b72", "32": "#56d364", "33": "#e3b341", "36": "#76c7f5"}


def screens(program: Path) -> list[str]:
    """Every distinct screen of the run, with its colours, in order."""
    python = Path(os.environ.get("PYTHON", sys.executable))
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "shop")
        subprocess.run([HERE / "scene.sh", project], check=True)
        with open(project / "pyproject.toml", "a") as config:
            config.write('addopts = "-q --tb=short"\n')
        prompt = "printf '$ pytest-medic heal tests\\n'; pytest-medic heal tests; printf '$ '; touch ../end; sleep 60"
        tmux = ["tmux", "-S", f"{folder}/tmux"]
        size = ["-x", str(COLUMNS), "-y", str(ROWS)]
        path = f"PATH={program.parent}:{python.parent}:{os.environ['PATH']}"
        subprocess.run([*tmux, "-f", "/dev/null", "new-session", "-d", *size, "-c", project, "env", path, "sh", "-c", prompt], check=True)
        seen: list[str] = []
        deadline = time.monotonic() + 60
        ended = False
        while not ended:
            ended = Path(folder, "end").exists() or time.monotonic() > deadline
            time.sleep(0.3 if ended else 0.02)
            screen = subprocess.run([*tmux, "capture-pane", "-e", "-p"], check=True, capture_output=True, text=True).stdout
            if screen.strip() and (not seen or seen[-1] != screen):
                seen.append(screen)
        subprocess.run([*tmux, "kill-server"], check=True)
    return seen


def spans(line: str) -> str:
    """One line of a screen as SVG, its escape sequences as styles."""
    styles: dict[str, str] = {}
    parts = []
    for text in re.split(r"(\x1b\[[0-9;]*m)", line.rstrip()):
        if text.startswith("\x1b["):
            for code in text[2:-1].split(";"):
                if code in ("", "0"):
                    styles = {}
                elif code == "39":
                    styles.pop("fill", None)
                elif code in COLOURS:
                    styles["fill"] = COLOURS[code]
                elif code == "1":
                    styles["font-weight"] = "bold"
                elif code == "2":
                    styles["opacity"] = ".6"
        elif text:
            style = "".join(f' {name}="{value}"' for name, value in styles.items())
            parts.append(f"<tspan{style}>{html.escape(text)}</tspan>")
    return "".join(parts)


def new_lines(before: str, after: str) -> int:
    return len(set(after.split("\n")) - set(before.split("\n")))


def svg(frames: list[str]) -> str:
    """All frames in one picture, each visible in its time; a viewer without animation sees the last."""
    width, height = COLUMNS * CHARACTER + 2 * MARGIN, ROWS * LINE + 2 * MARGIN
    stays = [READ_S if new_lines(*pair) > 2 else BLINK_S for pair in zip([""] + frames, frames[:-1])] + [LAST_S]
    total = sum(stays)
    rules, groups = [], []
    for index, frame in enumerate(frames):
        last = index == len(frames) - 1
        start, end = (100 * sum(stays[:count]) / total for count in (index, index + 1))
        hidden_before = f"0%,{start:.2f}%{{visibility:hidden}}" if index else ""
        hidden_after = "" if last else f"{end:.2f}%,100%{{visibility:hidden}}"
        rules.append(f"@keyframes f{index}{{{hidden_before}{start + 0.01:.2f}%,{end - 0.01:.2f}%{{visibility:visible}}{hidden_after}}}")
        lines = [
            f'<text x="{MARGIN}" y="{MARGIN + LINE * (row + 0.8):.1f}">{spans(line)}</text>'
            for row, line in enumerate(frame.split("\n"))
            if line.strip()
        ]
        visibility = "visible" if last else "hidden"
        groups.append(f'<g style="visibility:{visibility};animation:f{index} {total:.1f}s infinite step-end">\n' + "\n".join(lines) + "\n</g>")
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}" height="{height}">
<title>pytest-medic heal: a failing test, its fix, the test passes</title>
<style>text{{font:13px "DejaVu Sans Mono",Menlo,Consolas,monospace;fill:#e6edf3;white-space:pre}}{"".join(rules)}</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
{"".join(groups)}
</svg>
"""


def main() -> None:
    frames = screens(Path(sys.argv[1]).resolve())
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(svg(frames))
    print(f"{TARGET}: {len(frames)} screens")


if __name__ == "__main__":
    main()
