"""One monitored run without a screen: collector, state, actions, and the process that hosts them."""
