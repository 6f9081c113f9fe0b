"""The program ``adamlint``, and ``python -m adamlint``."""

from __future__ import annotations

import os


def main() -> None:
    """Run the command line; Ctrl-C is one line and exit code 2 from the first moment on, while modules are imported, too."""
    try:
        from adamlint.cli import main as command_line

        command_line()
    except KeyboardInterrupt:
        os.write(2, b"adamlint: interrupted\n")
        os._exit(2)  # at its usual end Python aborts where a thread is in LibCST's code, or kills itself by SIGINT


if __name__ == "__main__":
    main()
