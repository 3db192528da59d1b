"""The gateway as it is seen from outside: requests as they were answered, the stream's lines when somebody looks."""

from collections.abc import Iterator

from prometheus_client.core import Metric

from outcry.app.metrics.families import durations, numbers
from outcry.gateway.app import Front

TOO_MANY = 429


class GatewayFigures:
    """A view of a gateway's front."""

    def __init__(self, front: Front) -> None:
        self._front = front

    def collect(self) -> Iterator[Metric]:
        """As metrics."""
        asked = list(self._front.requests.asked())
        answered = {
            (verb, path, str(status)): float(count)
            for verb, path, found in asked
            for status, count in sorted(found.statuses.items())
        }
        yield numbers("outcry_requests_total", answered)
        yield durations("outcry_request_seconds", [((verb, path), found.delays) for verb, path, found in asked])
        yield numbers("outcry_rate_limited_total", sum(found.statuses.get(TOO_MANY, 0) for _, _, found in asked))
        sessions = list(self._front.stream.sessions)
        unread = [session.line.waiting_bytes() for session in sessions]
        yield numbers("outcry_stream_sessions", len(sessions))
        yield numbers("outcry_stream_topics", sum(len(session.topics) for session in sessions))
        yield numbers("outcry_stream_behind", sum(1 for session in sessions if session.is_behind))
        yield numbers("outcry_stream_unread_bytes", sum(unread))
        yield numbers("outcry_stream_unread_bytes_max", max(unread, default=0))
        yield durations("outcry_fan_out_seconds", [((), self._front.stream.delays())])
