"""rules/ and content/ -> checked values; errors for their authors."""
