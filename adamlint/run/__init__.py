"""A run over files: all that reads, writes, remembers and starts processes."""
