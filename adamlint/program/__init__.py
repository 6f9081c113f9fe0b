"""What a program does: what it trains, where it runs, and what can be edited in it."""
