"""Makes OUTCRY_COMPILED=0 mean: run the sources even where a compiled door lies beside them."""

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType


class FromSource(MetaPathFinder):
    """Comes before the ordinary finder, and knows .py files of this package only."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The module's .py, or nothing for packages and strangers."""
        file = Path(__file__).parent.joinpath(*name.split(".")[1:]).with_suffix(".py")
        return spec_from_file_location(name, file) if name.startswith("outcry.") and file.is_file() else None


sys.meta_path.insert(0, FromSource())
