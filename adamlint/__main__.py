"""``python -m adamlint``."""

from adamlint.cli import main

if __name__ == "__main__":
    main()
