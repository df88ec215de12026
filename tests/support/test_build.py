"""A build that is done has nothing to do: else every later one would write plugins anew that other tests have loaded."""
import os
import pathlib
import subprocess

BUILD = os.environ.get("EMBEDLOOM_BUILD", pathlib.Path(__file__).resolve().parents[2] / "build" / "release")


def test_a_second_build_does_nothing():
    done = subprocess.run(["cmake", "--build", str(BUILD)], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.splitlines()[-1] == "ninja: no work to do.", done.stdout + done.stderr
