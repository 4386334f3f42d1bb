"""The forms of ids, points in time, and texts about bad fields."""
