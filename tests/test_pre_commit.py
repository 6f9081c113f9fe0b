"""The hooks, run by the real pre-commit on a small repository."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LR = "import tensorflow as tf\nopt = tf.keras.optimizers.Adam(lr=0.01)\n"
FIXED = LR.replace("lr=", "learning_rate=")


def run(where: Path, *command: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    home = {"PRE_COMMIT_HOME": str(where.parent / "pre-commit"), "HOME": str(where.parent)}
    return subprocess.run(command, cwd=where, env={**clean, **home}, capture_output=True, text=True, check=False)


def test_the_hooks_report_and_fix_what_is_committed(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "train.py").write_text(LR)
    (project / "notes.txt").write_text("Adam(lr=0.01) with keras\n")
    run(project, "git", "init", "-q")
    run(project, "git", "add", ".")

    def hook(name: str) -> subprocess.CompletedProcess[str]:
        return run(project, sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), name, "--all-files", "--verbose")

    checked = hook("adamlint")
    assert checked.returncode == 1, checked.stdout + checked.stderr
    assert "train.py:2:32: ADM301" in checked.stdout
    assert "notes.txt" not in checked.stdout
    assert (project / "train.py").read_text() == LR

    fixed = hook("adamlint-fix")
    assert "files were modified by this hook" in fixed.stdout
    assert (project / "train.py").read_text() == FIXED
    assert hook("adamlint").returncode == 0
