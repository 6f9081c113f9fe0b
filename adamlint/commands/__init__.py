"""The commands beside ``check``: one file each."""
