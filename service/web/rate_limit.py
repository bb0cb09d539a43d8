"""How often one caller may ask. Keeps no address, nor anything an address can be found from.

Per minute there is a secret that was drawn at random, and a row of counters; an address leads, by a hash that needs
that secret, to one of them. When the minute is over both are overwritten. They live in memory that the processes of one
service share, and nowhere else. Two addresses may meet in one counter: then both are counted together, for a minute.
Whoever has one IPv6 address has a whole network of them, so that is what is counted.
"""

from __future__ import annotations

import mmap
import secrets
import time
from collections.abc import Callable
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address, ip_network

COUNTERS = 1 << 16
SECONDS = 60
_SECRET = slice(8, 40)
_FIRST = 40
_FULL = 255 * 256 + 255


class Limit:
    """A limit on requests per address and minute, made before the processes part."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nothing counted.

        Args:
            most: requests that an address may make in a minute.
            clock: seconds that only go forward, the same in every process.

        """
        self._most, self._clock = most, clock
        self._shared = mmap.mmap(-1, _FIRST + 2 * COUNTERS)

    def takes(self, address: str, requests: int = 1) -> int:
        """Count a request.

        Args:
            address: who asks; forgotten when this returns.
            requests: for how many this one counts.

        Returns:
            0 if it may be answered, else after how many seconds to ask again.

        """
        now = self._clock()
        minute = (int(now // SECONDS) + 1).to_bytes(8)  # so that the zeroes at the start name no minute
        if self._shared[:8] != minute:
            # Two processes may both do this: then a few requests are not counted, which harms nobody.
            self._shared[_FIRST:] = bytes(2 * COUNTERS)
            self._shared[_SECRET] = secrets.token_bytes(32)
            self._shared[:8] = minute
        hashed = blake2b(_caller(address).encode(errors="replace"), key=self._shared[_SECRET], digest_size=2).digest()
        at = _FIRST + 2 * int.from_bytes(hashed)
        count = min(int.from_bytes(self._shared[at : at + 2]) + requests, _FULL)
        self._shared[at : at + 2] = count.to_bytes(2)
        return 0 if count <= self._most else SECONDS - int(now % SECONDS)


def _caller(address: str) -> str:
    """What is counted as one: an IPv4 address, or an IPv6 network of 64 bits. Proxies may add a port."""
    bare = address[1:].partition("]")[0] if address.startswith("[") else address
    if "." in bare and bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found.packed[:8] + bytes(8), 64)))
    return str(found)
