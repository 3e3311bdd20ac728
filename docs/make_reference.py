"""Write docs/reference.md from the help texts: `python docs/make_reference.py`."""

import os
import subprocess
import sys
from pathlib import Path

HEAD = "# Every option\n\nMade from the help texts by `docs/make_reference.py`; a test holds them together.\n"


def reference() -> str:
    """The page as it should be."""
    parts = [HEAD]
    for verb in ("train", "predict", "inspect"):
        command = [sys.executable, "-m", "rnncli", verb, "--help"]
        environment = os.environ | {"COLUMNS": "110", "TERMINAL_WIDTH": "110"}
        text = subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout
        text = text.replace("python -m rnncli", "rnncli")
        parts.append(f"## {verb}\n\n```\n{text.strip()}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    Path(__file__).with_name("reference.md").write_text(reference())
