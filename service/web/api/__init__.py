"""The JSON endpoints and their document."""
