"""What a proxy's configuration says, read without the proxy: enough of nginx and Caddy to find what they would refuse.

First words and blocks, which both have alike, then what each of our files may say.  Knows the directives that our files
use and no others, so that whoever uses a new one looks up here where it may stand and how many words it takes.
Known limit: what a word means is the proxy's own business; where nginx or Caddy is there, a test asks it as well.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MANY = 99
NGINX = {
    "http": {
        "upstream": (1, 1),
        "map": (2, 2),
        "limit_req_zone": (3, 3),
        "limit_conn_zone": (2, 2),
        "server": (0, 0),
    },
    "upstream": {"server": (1, MANY), "keepalive": (1, 1)},
    "map": {"default": (1, 1), "": (1, 1)},
    "server": {
        "listen": (1, MANY),
        "server_name": (1, MANY),
        "return": (1, 2),
        "ssl_certificate": (1, 1),
        "ssl_certificate_key": (1, 1),
        "ssl_protocols": (1, MANY),
        "ssl_session_cache": (1, 2),
        "ssl_session_tickets": (1, 1),
        "add_header": (2, 3),
        "large_client_header_buffers": (2, 2),
        "client_max_body_size": (1, 1),
        "client_header_timeout": (1, 1),
        "client_body_timeout": (1, 2),
        "limit_req": (1, 3),
        "limit_conn": (2, 2),
        "limit_req_status": (1, 1),
        "proxy_http_version": (1, 1),
        "proxy_set_header": (2, 2),
        "proxy_buffering": (1, 1),
        "proxy_request_buffering": (1, 1),
        "proxy_next_upstream": (1, 1),
        "proxy_connect_timeout": (1, 1),
        "proxy_read_timeout": (1, 1),
        "location": (1, 2),
    },
    "location": {"proxy_pass": (1, 1), "proxy_read_timeout": (1, 1), "proxy_send_timeout": (1, 1)},
}
CADDY = {
    "": {"exchange.example.org": (0, 0)},
    "exchange.example.org": {"header": (1, 3), "request_body": (0, 1), "reverse_proxy": (0, MANY)},
    "request_body": {"max_size": (1, 1)},
    "reverse_proxy": {"flush_interval": (1, 1), "lb_retries": (1, 1), "transport": (1, 1)},
    "transport": {"dial_timeout": (1, 1)},
}
BLOCKS = ("upstream", "map", "server", "location", "exchange.example.org", "request_body", "reverse_proxy", "transport")
VARIABLES = {
    "binary_remote_addr",
    "host",
    "http_upgrade",
    "proxy_add_x_forwarded_for",
    "request_uri",
}
"""Of nginx itself, as far as they are used."""
TOKEN = re.compile(
    r"""#[^\n]*|[ \t\r]+|(?P<end>\n|;)|(?P<open>\{)|(?P<close>\})"""
    r"""|"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<word>[^\s;{}"']+)"""
)


@dataclass
class Directive:
    """A line, and what stands in its braces."""

    name: str
    words: list[str]
    block: "list[Directive] | None" = None
    line: int = 0


@dataclass
class Read:
    """A file, and what is wrong with how it is written."""

    directives: list[Directive] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def read(text: str, ends: str) -> Read:
    """Directives that end with `;` (nginx) or with their line (Caddy), within braces."""
    found = Read()
    stack, words, line, at = [found.directives], list[str](), 1, 0
    while at < len(text):
        token = TOKEN.match(text, at)
        if token is None:
            found.faults.append(f"line {line}: a quotation that does not end")
            return found
        at = token.end()
        kind, value = token.lastgroup, token[0]
        if kind in ("word", "double", "single"):
            words.append(token[kind])
        elif kind == "open" or (kind == "end" and value == ends and words):
            directive = Directive(words[0] if words else "", words[1:], [] if kind == "open" else None, line)
            stack[-1].append(directive)
            words = []
            if directive.block is not None:
                stack.append(directive.block)
        elif kind == "close":
            if words:
                found.faults.append(f"line {line}: `{' '.join(words)}` does not end before a brace")
                words = []
            if len(stack) == 1:
                found.faults.append(f"line {line}: a brace that closes nothing")
            else:
                stack.pop()
        line += value.count("\n")
    found.faults += [f"at the end, `{' '.join(words)}` does not end"] if words else []
    found.faults += ["at the end, a brace is open"] if len(stack) > 1 else []
    return found


def every(directives: list[Directive]) -> Iterator[Directive]:
    """With those in braces."""
    for one in directives:
        yield one
        yield from every(one.block or [])


def misplaced(directives: list[Directive], where: str, known: dict[str, dict[str, tuple[int, int]]]) -> Iterator[str]:
    """What does not belong where it stands, or has too few or too many words."""
    for one in directives:
        least, most = known[where].get(one.name, (1, 0))
        if least > most:
            yield f"line {one.line}: `{one.name}` is not known in `{where}`"
        elif not least <= len(one.words) <= most:
            yield f"line {one.line}: `{one.name}` has {len(one.words)} words"
        if (one.block is not None) != (one.name in BLOCKS and (one.name, where) != ("server", "upstream")):
            yield f"line {one.line}: `{one.name}` with braces, or without"
        elif one.block is not None and least <= most:
            yield from misplaced(one.block, one.name, known)


def nginx_faults(text: str) -> list[str]:
    """What nginx would refuse: words, places, and names of zones, servers and variables that nobody has defined."""
    found = read(text, ";")
    if found.faults:
        return found.faults
    faults = list(misplaced(found.directives, "http", NGINX))
    told = list(every(found.directives))
    zones = {word.split(":")[0] for one in told if one.name.endswith("_zone") for word in one.words}
    upstreams = {one.words[0] for one in told if one.name == "upstream" and one.words}
    variables = VARIABLES | {one.words[1].lstrip("$") for one in told if one.name == "map" and len(one.words) == 2}
    for one in told:
        named = {"limit_req": one.words[:1], "limit_conn": [f"zone={word}" for word in one.words[:1]]}
        faults += [f"line {one.line}: no {zone} is made" for zone in named.get(one.name, []) if zone not in zones]
        if one.name == "proxy_pass" and one.words and one.words[0].removeprefix("http://") not in upstreams:
            faults.append(f"line {one.line}: there is no upstream for {one.words[0]}")
        used = [name for word in one.words for name in re.findall(r"\$(\w+)", word)]
        faults += [f"line {one.line}: nobody knows ${name}" for name in used if name not in variables]
    return faults


def caddy_faults(text: str) -> list[str]:
    """What Caddy would refuse."""
    found = read(text, "\n")
    return found.faults or list(misplaced(found.directives, "", CADDY))
