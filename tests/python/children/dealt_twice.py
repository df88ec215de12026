"""What accelerate makes of a Loader in a DataLoader: each rank notes what it is told, for each way of accelerate to deal batches out."""

import common
from accelerate import Accelerator, DataLoaderConfiguration
from torch.utils.data import DataLoader

import embedloom.torch

for dispatch in (None, False):
    accelerator = Accelerator(cpu=True, dataloader_config=DataLoaderConfiguration(dispatch_batches=dispatch))
    loader = accelerator.prepare(DataLoader(embedloom.torch.Loader(common.SETTINGS), batch_size=None))
    try:
        next(iter(loader))
        common.note("told", what="nothing")
    except embedloom.UsageError as error:
        common.note("told", what=str(error))
accelerator.end_training()
