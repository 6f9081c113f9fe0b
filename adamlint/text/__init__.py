"""From the bytes of a file to one parsed tree, and back to the same bytes."""
