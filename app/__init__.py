"""Composition root: settings, wiring, the daemon and the command line `duban`."""
