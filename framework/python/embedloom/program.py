"""The program that rides in the package: `embedloom` on the command line, or `python -m embedloom.program`."""

from __future__ import annotations

import os
import pathlib
import sys
from typing import NoReturn

HOME = pathlib.Path(__file__).absolute().parent / "bin"  # also has plugins/


def main() -> NoReturn:
    """Becomes the program."""
    os.execv(HOME / "embedloom", ["embedloom", *sys.argv[1:]])


if __name__ == "__main__":
    main()
