"""This machine: cheap gauges every second, and its processes while somebody looks at them."""
