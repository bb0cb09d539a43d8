"""durable-rules behind one door, and the comparison of both readings."""
