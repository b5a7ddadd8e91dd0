"""What the load engine measures and costs, beside tools that do the same."""
