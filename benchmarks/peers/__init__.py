"""The same rules and situations by engines of others, each in a process of its own (`make peers`)."""
