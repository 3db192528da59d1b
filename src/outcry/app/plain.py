"""Requests that came whole and plain in one piece, read without the parser: what nearly every program sends.

llhttp is quick, but it tells Python of every header, and that is a sixth of what an order costs in all.  So a piece that
is exactly one request, written as common clients write it, is taken apart by two regular expressions.  `read` is strict:
whatever it does not know well (other verbs, versions, folded or doubled or strange headers, chunks, an upgrade, more than
one request, a body that is not whole) it leaves alone, and the parser decides.  It never refuses anything, and what it
does read it reads as the parser would; `tests/app/test_plain.py` holds it to that.
"""

import re

HEAD_BYTES_MAX = 4_096
HEADERS_MAX = 40
LENGTH_DIGITS_MAX = 6
REQUEST = re.compile(
    rb"(GET|POST|PUT|DELETE) (/[A-Za-z0-9/_.~:@!$&'()*+,;=-]*)(?:\?([A-Za-z0-9/_.~:@!$&'()*+,;=%?-]*))? HTTP/1\.1\r\n"
    rb"((?:[A-Za-z0-9-]+: ?[!-~](?:[ -~]*[!-~])?\r\n)*)\r\n"
)
HEADER = re.compile(rb"([^:]+): ?([^\r]+)\r\n")
NOT_PLAIN = frozenset({b"transfer-encoding", b"upgrade", b"expect", b"proxy-connection"})
"""Headers by which a request becomes something else."""


Plain = tuple[str, str, bytes, bytes, dict[bytes, bytes], bytes]
"""Verb, path, target, query, headers and body; the names of headers are in lower case, all else is as it came."""


def read(piece: bytes) -> Plain | None:
    """The request that these bytes are, no more and no less; nothing if it is not a plain one."""
    found = REQUEST.match(piece, 0, HEAD_BYTES_MAX)
    if found is None:
        return None
    verb, path, query, block = found.groups()
    pairs = HEADER.findall(block)
    headers = {name.lower(): value for name, value in pairs}
    if len(headers) != len(pairs) or len(pairs) > HEADERS_MAX or not NOT_PLAIN.isdisjoint(headers):
        return None
    if headers.get(b"connection", b"keep-alive").lower() != b"keep-alive":
        return None
    length = headers.get(b"content-length")
    body = piece[found.end() :]
    if length is None:
        if body:
            return None
    elif len(length) > LENGTH_DIGITS_MAX or not length.isdigit() or int(length) != len(body):
        return None
    if query is None:
        return verb.decode(), path.decode(), path, b"", headers, body
    return verb.decode(), path.decode(), b"%b?%b" % (path, query), query, headers, body
