"""When things happen: the clock, intake, planning, dispatch, retry and the ticks that drive them."""
