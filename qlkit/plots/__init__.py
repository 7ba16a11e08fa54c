"""What it looks like: drawing functions that take an Axes and return it."""
