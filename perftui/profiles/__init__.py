"""Ready panels for systems that are known by the names of their metrics."""
