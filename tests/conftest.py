"""Every test session begins with the build (a second when nothing changed): no test meets a stale door.

OUTCRY_COMPILED=0 runs the sources uncompiled.  Where there is no C compiler the session does the same and says so.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def pytest_sessionstart(session: pytest.Session) -> None:
    if os.environ.get("OUTCRY_COMPILED") == "0" or hasattr(session.config, "workerinput"):
        return
    if shutil.which(os.environ.get("CC", "cc")) is None:
        os.environ["OUTCRY_COMPILED"] = "0"
        print("No C compiler here: the tests run the sources uncompiled.", file=sys.stderr)
        return
    subprocess.run(
        [sys.executable, "setup.py", "-q", "build_ext", "--inplace"],
        cwd=ROOT,
        env={**os.environ, "OUTCRY_COMPILED": "1"},
        check=True,
    )
