"""Training over nodes is torchrun: two launchers, as two machines would have them, share the global stream in its order."""

import socket
import subprocess
import sys

import pytest

import support

sys.path.insert(0, str(support.ROOT / "tests" / "python" / "children"))
import common  # noqa: E402

import embedloom  # noqa: E402


def node(rank, processes, port, out):
    """One machine's torchrun, of two."""
    return subprocess.Popen([sys.executable, "-m", "torch.distributed.run", "--nnodes", "2", "--node-rank", str(rank), "--nproc-per-node", str(processes),
                             "--rdzv-backend", "static", "--master-addr", "127.0.0.1", "--master-port", str(port), "--local-addr", "127.0.0.1",
                             str(support.ROOT / "tests" / "python" / "children" / "two_nodes.py")],
                            env=support.child_environment(out), cwd=support.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize("processes", [1, 2])
def test_the_rows_of_two_nodes_are_the_stream_in_order(tmp_path, processes):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    nodes = [node(rank, processes, port, tmp_path) for rank in (0, 1)]
    said = [each.communicate(timeout=300)[0] for each in nodes]
    assert [each.returncode for each in nodes] == [0, 0], "\n".join(said)
    with embedloom.open(common.SETTINGS) as session:
        assert support.shares(tmp_path, 2 * processes) == {(0, batch.step): common.rows_of(batch) for batch in session}
