"""Compiles the doors; where that is not possible the same sources run uncompiled (the rest is in pyproject.toml).

OUTCRY_COMPILED=1 makes a failure an error, =0 does not even try.  OUTCRY_SANITIZE=1 builds with UBSan (tests only).
Only the C compiler may fail without stopping the build: what Cython refuses is an error in our source.
"""

import os
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import BaseError, CCompilerError

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "src"), str(HERE / "tools")]

WISH = os.environ.get("OUTCRY_COMPILED", "")
SANITIZE = os.environ.get("OUTCRY_SANITIZE") == "1"
DIRECTIVES = {
    "language_level": 3,
    "infer_types": True,  # a local takes the C type of what it is given
    "boundscheck": False,
    "wraparound": False,
    "initializedcheck": False,
    "cdivision": True,  # operands of // are known not negative
}
# Rows are cleared by the C library: what gcc writes in its place (`rep stos`) costs a few per cent of every command.
FAST = (["-O3", "-fno-builtin-memset", "-g0"], [])
# -fno-wrapv: Python's own flags carry -fwrapv, which would blind the sanitizer.
CHECKED = (
    [
        "-O1",
        "-g",
        "-fno-wrapv",
        "-fsanitize=signed-integer-overflow,shift,integer-divide-by-zero,alignment",
        "-fno-sanitize-recover=all",
    ],
    ["-fsanitize=undefined", "-static-libubsan"],
)


def extensions() -> list[Extension]:
    """The doors, cythonized; none if they are not wanted or there are none."""
    import rooms

    if WISH == "0" or not rooms.doors():
        return []
    from Cython.Build import cythonize

    import declare
    from outcry.protocol import generate

    generate.main()
    doors = rooms.doors()
    for module in rooms.rooms() + doors:
        declare.write(rooms.source(module), door=module in doors)
    compile_arguments, link_arguments = CHECKED if SANITIZE else FAST
    made = [
        Extension(
            door,
            [str(rooms.source(door))],
            extra_compile_args=compile_arguments,
            extra_link_args=link_arguments,
        )
        for door in doors
    ]
    return list(cythonize(made, compiler_directives=DIRECTIVES, build_dir="build/c", include_path=["src"]))


class OptionalBuild(build_ext):
    """All doors or none."""

    def run(self) -> None:
        """Build, or say that it was not possible."""
        self.parallel = self.parallel or os.cpu_count()
        stale = {self.get_ext_fullpath(extension.name) for extension in self.extensions}
        try:
            super().run()
        except (BaseError, CCompilerError, OSError) as error:
            if WISH == "1":
                raise
            for file in stale:
                Path(file).unlink(missing_ok=True)
            self.extensions.clear()
            print(
                f"*** Open Outcry is not compiled: {str(error).splitlines()[0]}\n"
                "*** It runs all the same, about 200 times slower.  For full speed install gcc and the Python headers\n"
                "*** (Debian: apt install gcc python3-dev), then `make clean install`.",
                file=sys.stderr,
            )


if __name__ == "__main__":
    os.chdir(HERE)
    setup(ext_modules=extensions(), cmdclass={"build_ext": OptionalBuild})
