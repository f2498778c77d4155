"""The commands of `duban`, one module per subject; each imports what it needs only when it runs."""
