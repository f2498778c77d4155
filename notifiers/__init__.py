"""Channels: one module each, one attempt per call; and the rendering of calendars."""
