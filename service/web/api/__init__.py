"""The JSON endpoints, their document, and the page that shows it."""
