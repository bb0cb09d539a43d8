"""A decision, the directory and a language -> what is said."""
