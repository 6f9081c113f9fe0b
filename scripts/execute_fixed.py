"""Fix the notebooks of fixtures/notebooks and execute them before and after: ``python scripts/execute_fixed.py``.

Needs TensorFlow, nbclient and ipykernel beside adamlint. Each folder holds before.ipynb and after.ipynb. Fails where adamlint makes
something else of the one than the other, or where the two print different results.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

STORIES = Path(__file__).parent.parent / "fixtures" / "notebooks"


def fixed(before: Path) -> bytes:
    """What adamlint makes of a notebook.  Raises CalledProcessError where it leaves findings."""
    with tempfile.TemporaryDirectory() as folder:
        copy = shutil.copy(before, folder)
        subprocess.run([sys.executable, "-m", "adamlint", "--isolated", "--no-cache", "--fix", copy], check=True)
        return Path(copy).read_bytes()


def results(path: Path) -> list[str]:
    """What the cells of a notebook print and show, in order.  Raises CellExecutionError."""
    nbformat, nbclient = import_module("nbformat"), import_module("nbclient")
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        nbclient.NotebookClient(notebook, timeout=600, resources={"metadata": {"path": folder}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return [text for output in outputs if (text := _text(output))]


def _text(output: Any) -> str:
    """The text of an output; what goes to stderr holds times and addresses."""
    if output.output_type == "stream":
        return str(output.text) if output.name == "stdout" else ""
    return str(output.get("data", {}).get("text/plain", ""))


def main() -> None:
    """Go through the stories."""
    failed = False
    for story in sorted(STORIES.iterdir()):
        before, after = story / "before.ipynb", story / "after.ipynb"
        as_told = fixed(before) == after.read_bytes()
        was, became = results(before), results(after)
        print(f"{story.name}: {'fixed as after.ipynb' if as_told else 'NOT as after.ipynb'}; {len(was)} results,", end=" ")
        print("all the same" if was == became else f"DIFFERENT:\n{was}\n{became}")
        failed |= not as_told or was != became or not was
    sys.exit(failed)


if __name__ == "__main__":
    main()
