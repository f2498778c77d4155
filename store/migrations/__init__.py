"""Schema changes, applied in order when the store opens; each has a step before and after the new code."""
