"""Whether an address was signed by a key, computed by the text of Signature Version 4 and not by the library that signed it."""

import hashlib
import hmac
from urllib.parse import parse_qsl, quote, urlsplit


def is_signed(address, secret, region, service):
    parts = urlsplit("https://" + address)
    query = dict(parse_qsl(parts.query, strict_parsing=True))
    given = query.pop("X-Amz-Signature")
    canonical_query = "&".join(f"{quote(name, safe='-_.~')}={quote(query[name], safe='-_.~')}" for name in sorted(query))
    canonical = "\n".join(["GET", parts.path, canonical_query, f"host:{parts.netloc}", "", "host", hashlib.sha256(b"").hexdigest()])
    date = query["X-Amz-Date"][:8]
    scope = f"{date}/{region}/{service}/aws4_request"
    key = ("AWS4" + secret).encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    to_sign = "\n".join(["AWS4-HMAC-SHA256", query["X-Amz-Date"], scope, hashlib.sha256(canonical.encode()).hexdigest()])
    return hmac.compare_digest(given, hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest())
