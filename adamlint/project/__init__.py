"""The other files of a project: what can be known of them, and what is said of all together."""
