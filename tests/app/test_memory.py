"""What must not be left behind in a process: lines that have gone, and blocks that were given back."""

import asyncio
import gc
import subprocess
import sys
from collections import Counter

import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from websockets.asyncio.client import connect
from websockets.server import ServerProtocol

from outcry.app.allocating import OWN_BYTES
from outcry.app.direct import DirectProtocol, Exchange
from outcry.gateway.stream.line import StreamLine
from outcry.gateway.stream.session import Session
from tests.app.test_stream import on_sockets, tell, url
from tests.gateway.venues import Venue

KINDS = (StreamLine, DirectProtocol, Exchange, RequestResponseCycle, ServerProtocol, Session)


def alive() -> Counter[str]:
    """Server's ends of lines that are still in memory, by class."""
    return Counter(type(one).__name__ for one in gc.get_objects() if isinstance(one, KINDS))


def test_nothing_of_a_line_that_has_gone_waits_for_the_collector() -> None:
    async def play(venue: Venue, port: int, stop: asyncio.Event) -> None:
        gc.collect()
        gc.disable()
        try:
            async with connect(url(port)) as line:
                await tell(line)
                assert alive() == {"StreamLine": 1, "ServerProtocol": 1, "Session": 1}
            async with connect(url(port)) as cut:
                await tell(cut)
                cut.transport.abort()
            for path in (b"/api/v1/announcement", b"/nowhere"):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"GET %s HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n" % path)
                assert await reader.read()
                writer.close()
            for _ in range(500):
                if not alive():
                    break
                await asyncio.sleep(0.01)
            assert alive() == {}
        finally:
            gc.enable()

    on_sockets(play)


BLOCKS = f"""
import ctypes, threading
from pathlib import Path
from outcry.app.allocating import give_back, settle
if WANTED:
    print(int(settle()))
held = []
def kilobytes():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4
def once(size):
    # One block after the other, and a small one behind each that stays.
    for _ in range(8):
        large = bytearray(size)
        held.append(ctypes.create_string_buffer(2_000))
    del large
def work():
    for doubling in range(8):
        once({OWN_BYTES} >> 4 << doubling)
    if WANTED:
        give_back()
before = kilobytes()
thread = threading.Thread(target=work)
thread.start()
thread.join()
print(kilobytes() - before)
"""


def left_kilobytes(wanted: bool) -> int:
    """What the blocks of a thread leave behind in a process of its own."""
    code = BLOCKS.replace("WANTED", str(wanted))
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    if said[0] == "0":
        pytest.skip("this C library is not glibc")
    return int(said[-1])


@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
def test_blocks_of_a_thread_go_back_to_the_system() -> None:
    assert left_kilobytes(wanted=True) < 2_000
    # What the C library does if it is left alone, so that this test can fail.
    assert left_kilobytes(wanted=False) > 4_000
