"""What PyTorch asks of a device's module, `torch.emulated`, and the device's process group. PyTorch calls register() when it is imported."""

import contextlib
import types
from typing import NamedTuple

import torch


class Counts(NamedTuple):
    """Of this process, since it began."""

    pinned: int  # blocks of host memory
    pinned_alive: int  # of these, not freed
    copies_in: int  # to the device
    async_in: int  # of these, from pinned memory with non_blocking


@contextlib.contextmanager
def device(wanted):
    before = torch.emulated.current_device()
    torch.emulated.set_device(torch.device(wanted).index)
    try:
        yield
    finally:
        torch.emulated.set_device(before)


def keep_ties(apply):
    """Module.to() keeps weights that two modules share on devices of a list of PyTorch's own, as CUDA; for others it must be asked to swap tensors."""

    def kept(*arguments, **named):
        before = torch.__future__.get_swap_module_params_on_conversion()
        torch.__future__.set_swap_module_params_on_conversion(True)
        try:
            return apply(*arguments, **named)
        finally:
            torch.__future__.set_swap_module_params_on_conversion(before)

    return kept


def create_group(store, rank, size, timeout):
    import _emulated
    import torch.distributed as dist

    return _emulated.group(store, dist.ProcessGroupGloo(dist.PrefixStore("gloo", store), rank, size, timeout=timeout))


def register():
    import _emulated
    import torch.distributed as dist

    torch.utils.rename_privateuse1_backend("emulated")
    module = types.ModuleType("torch.emulated")
    module.device_count, module.current_device, module.set_device = _emulated.device_count, _emulated.current_device, _emulated.set_device
    module.is_available = lambda: _emulated.device_count() > 0
    module.is_initialized = lambda: True
    module._is_in_bad_fork = lambda: False
    module.manual_seed_all = lambda seed: None
    module.synchronize = lambda device=None: None
    module.device = device
    module.counts = lambda: Counts(*_emulated.counts())
    torch._register_device_module("emulated", module)
    torch.nn.Module._apply = keep_ties(torch.nn.Module._apply)
    torch.utils.generate_methods_for_privateuse1_backend(for_storage=True)
    dist.Backend.register_backend("emulated", create_group, devices=["emulated"])
