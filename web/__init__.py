"""Pages, JSON and calendar feeds over HTTP; thin, over read models shared by all three."""
