"""The difference between two rulebases: what is another answer for whom, and how to say it."""
