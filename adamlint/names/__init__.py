"""Which binding a name has at the point where it is used."""
