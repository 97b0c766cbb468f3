"""Surveys after a talk. Inert."""
