"""An accelerator that is none: PyTorch takes it for one, so that pinned memory, devices and NCCL's rules are tested where there is no GPU.

Its memory is ordinary memory and its work is done by the CPU; what PyTorch decides by the kind of a device goes as it does for CUDA:
torch.accelerator, pin_memory(), DataLoader's pinning, copies, checkpoints, DistributedDataParallel over a group of this device alone. A child
interpreter with `environment()` has it as soon as it imports torch, by the entry point that PyTorch gives to makers of devices.
"""

import fcntl
import hashlib
import importlib.util
import os
import pathlib
import subprocess
import sysconfig

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parents[2] / "build" / "emulated"


def environment(devices=1, notes=None):
    """For a child interpreter that is to have the device. Processes that use one leave PID-INDEX in the folder `notes`."""
    import support  # here: PyTorch imports this package too, in every child

    paths = [str(build()), str(HERE.parent), str(support.PACKAGE)]
    more = {} if notes is None else {"EMULATED_NOTES": str(notes)}
    return {"PYTHONPATH": os.pathsep.join(paths), "EMULATED_DEVICES": str(devices), **more}


def build():
    """The folder of the extension, which is compiled once for these sources and this PyTorch."""
    torch = pathlib.Path(importlib.util.find_spec("torch").origin).parent
    sources = sorted(HERE.glob("*.cpp"))
    digest = hashlib.sha256(sysconfig.get_config_var("EXT_SUFFIX").encode() + (torch / "version.py").read_bytes())
    for file in [pathlib.Path(__file__), *sources, *sorted(HERE.glob("*.h"))]:
        digest.update(file.read_bytes())
    folder = BUILD / digest.hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests run several at a time
        if not (folder / "_emulated.so").exists():
            compile_into(folder, sources, torch)
    return folder


def compile_into(folder, sources, torch):
    flags = ["-std=c++20", "-O1", "-fPIC", "-w", "-isystem", str(torch / "include"), "-isystem", sysconfig.get_path("include")]
    compiler = os.environ.get("CXX", "c++")
    objects = [folder / f"{source.stem}.o" for source in sources]
    children = [subprocess.Popen([compiler, *flags, "-c", str(source), "-o", str(made)]) for source, made in zip(sources, objects)]
    assert not any([child.wait() for child in children]), "the emulated device does not compile"
    subprocess.run([compiler, "-shared", "-o", str(folder / "part.so"), *map(str, objects), f"-L{torch / 'lib'}", "-ltorch_cpu", "-ltorch_python", "-lc10"],
                   check=True)
    info = folder / "emulated_device-1.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: emulated-device\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[torch.backends]\nemulated = emulated.device:register\n")
    (folder / "part.so").rename(folder / "_emulated.so")
