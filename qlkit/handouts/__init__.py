"""Taking it home: what a workshop prints and hands to phones."""
