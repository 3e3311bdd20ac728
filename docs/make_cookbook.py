"""Run the recipes of the cookbook in a new folder, one after the other, and write what they print below them."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("cookbook-*.md"))
RECIPE = re.compile(r"^```sh\n(.*?)^```\n(\n```text\n.*?^```\n)?", re.M | re.S)


def cook(page: str, folder: str) -> str:
    """The page with the output of each recipe."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    def run(match: re.Match) -> str:
        command = ["bash", "-eu", "-c", match[1]]
        done = subprocess.run(command, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, check=True)
        output = "".join(f"{line[:118]}\n" for line in done.stdout.decode("utf-8", "replace").splitlines())
        return f"```sh\n{match[1]}```\n\n```text\n{output}```\n"

    return RECIPE.sub(run, page)


def main() -> None:
    for page in PAGES:
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(ROOT / "sample_data", f"{folder}/sample_data")
            page.write_text(cook(page.read_text(encoding="utf-8"), folder), encoding="utf-8")


if __name__ == "__main__":
    main()
