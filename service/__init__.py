"""Wegwijzer: where do I go with this?"""

VERSION = "0.1.0"
