"""Ranks of a group that takes tensors of its device alone, as NCCL does: they begin, take three batches and make one state. on_device.py set|bound|neither"""

import os
import sys

import common
import torch
import torch.distributed as dist

import embedloom.torch

number = int(os.environ["LOCAL_RANK"])
device = torch.device(torch.accelerator.current_accelerator().type, number)
if sys.argv[1] == "set":
    torch.accelerator.set_device_index(number)
dist.init_process_group(dist.get_default_backend_for_device(device), device_id=device if sys.argv[1] == "bound" else None)
try:
    for batch in embedloom.torch.Loader(common.SETTINGS, steps=3):
        state = batch.state
    common.note("whole", state=embedloom.torch.gather_state(state), step=batch.step)
finally:
    dist.destroy_process_group()
