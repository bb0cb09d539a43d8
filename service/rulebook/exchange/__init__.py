"""Rules and texts in the form that others work in, and back: workbooks of editors, decision tables made elsewhere."""
