"""What every answer says besides its body: to a browser, to a proxy, to whoever looks over a shoulder.

What a page may do stands in `pages.policy`; here is what holds for all answers alike. Their effect is tested in a
browser (tests/test_effects.py): a header that a browser cannot read does nothing, and says nothing of it.
"""

from __future__ import annotations

from flask import Response, request

NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"  # what is not a page may do nothing

# What a page could ask a browser for and never will. Each is a feature that Chromium knows by this name.
FEATURES = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "local-fonts",
    "local-network-access",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "usb",
    "window-management",
    "xr-spatial-tracking",
)
WITHOUT = ", ".join(f"{feature}=()" for feature in FEATURES)

# No view says any of these itself.
ALWAYS = (("Referrer-Policy", "no-referrer"), ("X-Content-Type-Options", "nosniff"), ("Permissions-Policy", WITHOUT))
ALONE = (("X-Frame-Options", "DENY"), ("Cross-Origin-Opener-Policy", "same-origin"))  # where no frame may hold it
YEAR = 365 * 24 * 3600


def add(response: Response, version: str) -> None:
    """Add what every answer says.

    Args:
        response: as its view made it; what that says itself stays, where it may differ.
        version: of the API.

    """
    headers = response.headers
    headers.setdefault("Cache-Control", "no-store")
    policy = headers.setdefault("Content-Security-Policy", NOTHING)
    headers.extend([("API-Version", version), *ALWAYS])
    if "frame-ancestors 'none'" in policy:
        headers.extend(ALONE)
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if request.is_secure:
        headers["Strict-Transport-Security"] = f"max-age={YEAR}"
