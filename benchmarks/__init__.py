"""Measurements that anyone can rerun: `make bench`. Ratios in one run; a time alone says what machine it was."""
