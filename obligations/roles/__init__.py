"""Who owes what, to whom and how: the roles in the words around a time."""
