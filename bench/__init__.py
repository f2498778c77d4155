"""Measurements: `python -m bench` prints the ratios that `make bench` is about."""
