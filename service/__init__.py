"""Wegwijzer: where do I go with this?"""
