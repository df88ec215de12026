"""A consumer that is slower than the loader: what is made ahead is bounded, and so is memory. Row R06 of the catalogue of bad input."""

import json

import support

SCRIPT = """
    import hashlib, sys
    import embedloom

    def peak():
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) >> 10

    session = embedloom.open(sys.argv[1])
    early = None
    for count, batch in enumerate(session, 1):
        for _ in range(20):  # slower than all stages together
            hashlib.sha256(bytes(1 << 20)).digest()
        if count == 5:
            early = peak()
    print(count, peak() - early)
"""


def test_memory_stays_flat_beside_a_slow_consumer(tmp_path):
    big = tmp_path / "big.txt"
    text = open(support.JARGON, "rb").read()
    big.write_bytes(text * (12_000_000 // len(text) + 1))
    path = tmp_path / "config.json"
    path.write_text(json.dumps({"schema": 1, **support.config(source={"files": [str(big)]}, batch={"size": 1024})}))
    steps, grown = map(int, support.run(SCRIPT, path).split())
    assert steps > 100
    assert grown < 48, f"{grown} MiB more than at the fifth batch"
