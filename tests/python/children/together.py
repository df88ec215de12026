"""Ranks under gloo that do one thing: together.py CASE; what comes of it is noted."""

import os
import signal
import sys

import common
import torch.distributed as dist

import embedloom
import embedloom.torch

CASE = sys.argv[1]
dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
settings = {**common.SETTINGS, "source": {**common.SETTINGS["source"]}, "run": {**common.SETTINGS["run"]}, "segment": {**common.SETTINGS["segment"]}}


def said(body):
    try:
        body()
    except embedloom.Error as error:
        common.note("said", kind=type(error).__name__, text=str(error))
    else:
        common.note("said", kind="", text="")


def disagree():
    """Rank 1 has another of something."""
    loader_settings = {"steps": None}
    if rank == 1 and CASE == "config":
        settings["segment"]["max_length"] = 20
    if rank == 1 and CASE == "seed":
        settings["run"]["seed"] = 12
    if rank == 1 and CASE == "steps":
        loader_settings["steps"] = 7
    if CASE == "data":
        path = common.OUT / f"data-{rank}.jsonl"
        path.write_text(open(common.support.FAQ).read() + ('{"q": "one more"}\n' if rank == 1 else ""))
        settings["source"]["files"] = [str(path)]
    if rank == 1 and CASE == "broken":
        settings["source"]["files"] = ["nowhere.jsonl"]
    if CASE == "ranks":
        loader_settings.update(rank=0, world_size=world)
    loader = embedloom.torch.Loader(settings, **loader_settings)
    if rank == 1 and CASE == "place":
        other = embedloom.torch.Loader(settings, rank=0, world_size=1)
        next(iter(other))
        loader.load_state_dict(other.state_dict())
    said(lambda: next(iter(loader)))


def gather():
    """One state of all, after the same batch and after different ones."""
    loader = embedloom.torch.Loader(common.UNSIZED)
    for batch in loader:
        if batch.step == 4:
            whole = embedloom.torch.gather_state(batch.state)
            common.note("whole", state=whole)
        if batch.step == 5 + rank:
            said(lambda: embedloom.torch.gather_state(loader.state_dict()))
            break
    common.note("before", state=embedloom.torch.gather_state(embedloom.torch.Loader(common.UNSIZED).state_dict()))


def die():
    """Rank 1 is killed after its third batch; the others go on to the end."""
    for batch in embedloom.torch.Loader(settings):
        common.note_batch(batch)
        if rank == 1 and batch.step == 2:
            os.kill(os.getpid(), signal.SIGKILL)


{"gather": gather, "die": die}.get(CASE, disagree)()
if CASE != "die":
    dist.barrier()
    dist.destroy_process_group()
os._exit(0)  # of a group with a dead rank nothing can be left in order
