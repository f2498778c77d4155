"""Which days are working days, by dated and sourced tables, and what a holiday notice changes."""
