"""What a problem does at the target, and what its fix would."""
