"""What each process of a training over nodes is given in one epoch; it is noted."""

import common
import torch.distributed as dist

import embedloom.torch

dist.init_process_group("gloo")
for batch in embedloom.torch.Loader(common.SETTINGS):
    common.note_batch(batch)
dist.barrier()
dist.destroy_process_group()
