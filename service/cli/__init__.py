"""The command `wegwijzer`."""
