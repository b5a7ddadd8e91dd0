"""Prometheus and what speaks its API, as a source of series, alerts and answers."""
