"""From a deadline to its dates: counting, conventions, readings, the safe day, and the trace that explains them."""
