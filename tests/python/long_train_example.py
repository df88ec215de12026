"""The training example: stopped and gone on with, its losses are those of a run that was not; so are those of another world, and of devices."""

import subprocess
import sys

import pytest

import emulated
from support import NO_GPU, ROOT, child_environment, train_example


def test_a_stopped_training_goes_on(tmp_path):
    whole = train_example(tmp_path / "whole", 2, 9, environment=NO_GPU)
    assert sorted(whole) == list(range(1, 10)) and whole[9] < whole[1]
    train_example(tmp_path / "pieces", 2, 4, environment=NO_GPU)
    assert train_example(tmp_path / "pieces", 2, 9, environment=NO_GPU) == whole
    # One process goes on where two stopped: the same batches, floats added in another order.
    train_example(tmp_path / "fewer", 2, 3, environment=NO_GPU)
    assert train_example(tmp_path / "fewer", 1, 7, environment=NO_GPU) == pytest.approx({step: whole[step] for step in range(1, 8)}, abs=1e-3)


def test_a_training_on_devices_is_that_on_the_cpu(tmp_path):
    whole = train_example(tmp_path / "cpu", 2, 6, environment=NO_GPU)
    notes = tmp_path / "notes"
    notes.mkdir()
    train_example(tmp_path / "devices", 2, 4, environment=emulated.environment(2, notes))
    used = [path.name.split("-") for path in notes.iterdir()]
    assert sorted(device for _, device in used) == ["0", "1"] and used[0][0] != used[1][0], "each process its own device, and no other"
    whole_here = train_example(tmp_path / "devices", 2, 5, environment=emulated.environment(2))
    assert whole_here == pytest.approx({step: whole[step] for step in range(1, 6)}, rel=1e-6)
    # What two devices have saved goes on where there is none.
    assert train_example(tmp_path / "devices", 1, 6, environment=NO_GPU) == pytest.approx(whole, abs=1e-3)


def test_more_processes_than_devices_are_refused(tmp_path):
    said = train_example(tmp_path, 2, 1, environment=emulated.environment(1), expected=1)
    assert "process 1 has no GPU of its own: start at most 1 on this machine" in said


@pytest.mark.parametrize("devices", [1, 2])
def test_the_tests_for_gpus_pass_on_emulated_ones(devices, tmp_path):
    tests = ROOT / "tests" / "python" / "test_gpu.py"
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests)], capture_output=True, text=True, timeout=900,
                          cwd=ROOT, env=child_environment(tmp_path, emulated.environment(devices)))
    assert done.returncode == 0 and ("skipped" in done.stdout) == (devices == 1), done.stdout + done.stderr
