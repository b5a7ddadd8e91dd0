"""Recommendation rules, one family a file."""
