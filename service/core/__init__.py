"""Values and the decision; see README.md in this folder for what it may not do."""
