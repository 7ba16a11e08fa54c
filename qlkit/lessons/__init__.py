"""Learning it: explorers and self-checks for the notebooks."""
