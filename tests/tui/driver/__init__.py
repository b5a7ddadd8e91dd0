"""Tests of the terminal end."""
