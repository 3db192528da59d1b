"""Requests that came whole and plain in one piece, read without the parser: what nearly every program sends.

llhttp is quick, but it tells Python of every header, and that is a sixth of what an order costs in all.  So a piece
that is exactly one request, written as common clients write it, is taken apart by two regular expressions.  `read` is
strict: whatever it does not know well (other verbs, versions, folded or doubled or strange headers, chunks, an upgrade,
more than one request, a body that is not whole) it leaves alone, and the parser decides.  It never refuses anything,
and what it does read it reads as the parser would; `tests/app/test_plain.py` holds it to that.
"""

import re

HEAD_BYTES_MAX = 4_096
HEADERS_MAX = 40
LENGTH_DIGITS_MAX = 6
LINE = re.compile(
    rb"(GET|POST|PUT|DELETE) (/[A-Za-z0-9/_.~:@!$&'()*+,;=-]*)(?:\?([A-Za-z0-9/_.~:@!$&'()*+,;=%?-]*))? HTTP/1\.1\r\n"
)
HEADER = re.compile(rb"([A-Za-z0-9-]+): ([!-~](?:[ -~]*[!-~])?)\r\n")
HEADER_MARKS = 4
"""Bytes of a header's line that are neither name nor value."""
NOT_PLAIN = frozenset({b"transfer-encoding", b"upgrade", b"expect", b"proxy-connection"})
"""Headers by which a request becomes something else."""
Plain = tuple[str, str, bytes, bytes, dict[bytes, bytes], bytes]
"""Verb, path, target, query, headers and body; the names of headers are in lower case, all else is as it came."""


def read(piece: bytes) -> Plain | None:
    """The request that these bytes are, no more and no less; nothing if it is not a plain one."""
    end = piece.find(b"\r\n\r\n", 0, HEAD_BYTES_MAX)
    line = LINE.match(piece) if end > 0 else None
    if line is None:
        return None
    begin, end = line.end(), end + 2
    headers: dict[bytes, bytes] = {}
    count = 0
    for name, value in HEADER.findall(piece, begin, end):
        headers[name.lower()] = value
        begin += len(name) + len(value) + HEADER_MARKS
        count += 1
    # What is no plain header is missing from the sum, and what was said twice from the headers.
    if begin != end or count != len(headers) or count > HEADERS_MAX or not NOT_PLAIN.isdisjoint(headers):
        return None
    if headers.get(b"connection", b"keep-alive").lower() != b"keep-alive":
        return None
    body, length = piece[end + 2 :], headers.get(b"content-length")
    if length is None:
        if body:
            return None
    elif len(length) > LENGTH_DIGITS_MAX or not length.isdigit() or int(length) != len(body):
        return None
    verb, path, query = line.groups()
    if query is None:
        return verb.decode(), path.decode(), path, b"", headers, body
    return verb.decode(), path.decode(), b"%b?%b" % (path, query), query, headers, body
