"""Records as rows: the only package that talks SQL, and the only one that commits."""
