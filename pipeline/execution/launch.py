"""Where a forked kernel comes from: this process if it is a worker, else a nursery beside it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from pipeline.execution.forking import ForkedKernel, Origin, Setting, fork_here, unfit_to_fork
from pipeline.execution.nursery import shared_nursery

#: Names of modules that are imported before the first fork, for papermill's command line.
PRELOAD_VARIABLE = "VERSORGUNGSLABOR_PRELOAD"
_origin: Origin | None = None


def fork_from_this_process(origin: Origin) -> None:
    """Declare this process prepared: kernels are forked from it and from no nursery."""
    global _origin
    _origin = origin


def kernel_starter(modules: Sequence[str]) -> Callable[[], ForkedKernel]:
    """What forks a kernel in the folder and environment of this moment.

    Parameters
    ----------
    modules : what a nursery imports first; a worker has its own.
    """
    setting = Setting(str(Path.cwd()), dict(os.environ))
    if _origin is not None:
        origin = _origin
        return lambda: fork_here(setting, origin)
    return lambda: shared_nursery(modules).fork_kernel(setting)


def unfit_for(kernel_name: str) -> str:
    """Why the named kernel cannot be forked here; empty if it can."""
    if reason := unfit_to_fork():
        return reason
    try:
        spec = KernelSpecManager().get_kernel_spec(kernel_name)
    except NoSuchKernel:
        return f"there is no kernel '{kernel_name}'"
    if not any("ipykernel" in part for part in spec.argv):
        return f"kernel '{kernel_name}' is not an IPython kernel"
    interpreter = Path(spec.argv[0])
    # a bare "python" is replaced by the running interpreter, as jupyter_client does
    is_ours = interpreter == Path(sys.executable) or interpreter.name == spec.argv[0]
    if not is_ours or spec.env:
        return f"kernel '{kernel_name}' belongs to another Python, or sets its own environment"
    return ""
