"""Looks at a page of a site that shows Wegwijzer: what breaks or leaks there, and how to mend it.

A command of its own, `wegwijzer-embed-check`, for whoever keeps such a site; the service never fetches anything.
"""
