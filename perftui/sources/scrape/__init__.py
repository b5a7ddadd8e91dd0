"""Endpoints with metrics in the Prometheus text format or OpenMetrics, scraped without a server in between."""
