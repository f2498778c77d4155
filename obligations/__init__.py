"""The domain: what a notice says, which duties and dates follow from it, and when to remind. Pure; no I/O."""
