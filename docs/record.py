"""Fill tutorials and pages of stacks with what their commands really print. ``just tutorial [PAGE]``.

A console block that is followed by ``<!-- output -->`` gets its output behind that mark; ``<!-- run: COMMAND -->`` runs
in between and prints nothing; ``<!-- screen: NAME KEYS… -->`` presses keys in the real app and saves what it shows.
``<!-- stack: NAME -->`` in the first line is what the page runs on; its commands run inside the demo then.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

DOCS = Path(__file__).parent.resolve()
PAGES = (
    "tutorial.md",
    "tutorial-step.md",
    "how-to/look-back.md",
    "how-to/stack-embedded.md",
    "how-to/stack-seaweedfs.md",
    "how-to/stack-iceberg-rest-minio.md",
)
STACK = re.compile(r"<!-- stack: (?P<name>\S+) -->\n")
STEP = re.compile(
    r"```console\n\$ (?P<shown>[^\n]+)\n```\n\n<!-- output -->\n(?:```text\n.*?```\n)?"
    r"|<!-- run: (?P<run>[^\n]+) -->\n"
    r"|<!-- screen: (?P<screen>\w+)(?P<keys>[^\n]*) -->\n(?:!\[[^\n]*\n)?",
    re.DOTALL,
)
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    "COLUMNS": "110",
    "NO_COLOR": "1",
}


def main(pages: Sequence[str]) -> None:
    for page in pages:
        fill((DOCS / page).resolve())


def fill(page: Path) -> None:
    """Each page begins with a demo of its own."""
    text = page.read_text()
    stack = STACK.match(text)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        run("floe-bench demo")
        if stack:
            os.chdir(Path(folder) / "floe-demo")
            Path("floe-bench.toml").write_text(f'stack = "{stack["name"]}"\n')
        at = "." if stack else "floe-demo"
        run(f"floe-bench up --project {at}")
        try:
            page.write_text(STEP.sub(lambda found: step(found, page.parent), text))
        finally:
            run(f"floe-bench reset --yes --project {at}")
            os.chdir(DOCS)


def step(found: re.Match[str], folder: Path) -> str:
    if found["shown"]:
        printed = run(found["shown"]).rstrip()
        return f"```console\n$ {found['shown']}\n```\n\n<!-- output -->\n```text\n{printed}\n```\n"
    if found["run"]:
        run(found["run"])
        return found[0]
    name = found["screen"]
    asyncio.run(screen(name, found["keys"].split()))
    place = os.path.relpath(DOCS / "images" / f"{name}.svg", folder)
    return f"<!-- screen: {name}{found['keys']} -->\n![{name}]({place})\n"


def run(command: str) -> str:
    print("$", command, file=sys.stderr)
    done = subprocess.run(
        command, shell=True, env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1, 10):
        raise SystemExit(f"{command}: {done.stderr}")
    return done.stdout


async def screen(name: str, keys: list[str]) -> None:
    from floe_bench.config.project import find_project
    from floe_bench.engine.reach import connect
    from floe_bench.tui.app import BenchApp

    project = find_project(Path("floe-demo"))
    app = BenchApp(lambda: connect(project))  # type: ignore[arg-type,return-value]
    async with app.run_test(size=(160, 42)) as pilot:
        for _ in range(300):
            await pilot.pause(0.1)
            if app.bench_state.booted and app.bench_state.assets:
                break
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.5)
        await pilot.pause(2)
        (DOCS / "images").mkdir(exist_ok=True)
        # Without the web font that Rich would have the reader's browser fetch.
        picture = re.sub(r"@font-face \{.*?\}", "", app.export_screenshot(title="floe-bench"), flags=re.DOTALL)
        (DOCS / "images" / f"{name}.svg").write_text(picture)


if __name__ == "__main__":
    main(sys.argv[1:] or PAGES)
