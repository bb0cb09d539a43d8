"""Processes, settings and files that run the service."""
