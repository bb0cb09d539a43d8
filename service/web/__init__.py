"""Wegwijzer over HTTP; see README.md in this folder for the routes and for what is never kept."""
