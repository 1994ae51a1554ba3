"""The papermill engine `fork`: a kernel that is forked from a prepared process, not started.

Anyone may use it: ``papermill --engine fork in.ipynb out.ipynb``, or
``papermill.execute_notebook(…, engine_name="fork")``. The modules that notebooks share may be named
in ``VERSORGUNGSLABOR_PRELOAD`` ("numpy pandas matplotlib.pyplot") or with ``preload=[…]``; they are
imported once for all notebooks of the calling process.

papermill loads this module while it is being imported itself; whoever wants the class imports
papermill first.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from papermill.engines import NBClientEngine
from papermill.log import logger
from papermill.utils import merge_kwargs, remove_args

from pipeline.execution.launch import PRELOAD_VARIABLE, kernel_starter, unfit_for


class ForkEngine(NBClientEngine):
    """Runs a notebook in a forked kernel; where that cannot be, in a plain one, and says so."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        log_output: bool = False,
        stdout_file: Any = None,
        stderr_file: Any = None,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        preload: Sequence[str] | None = None,
        memory: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Run the cells of `nb_man`.

        Parameters
        ----------
        preload : modules that are imported before the first fork.
        memory : bytes that the notebook may occupy; None: no limit.
        others : as for papermill's own engine.
        """
        shared = {
            "log_output": log_output,
            "stdout_file": stdout_file,
            "stderr_file": stderr_file,
        }
        if reason := unfit_for(kernel_name):
            logger.warning("engine fork: %s; the notebook runs in a plain kernel", reason)
            return super().execute_managed_notebook(
                nb_man,
                kernel_name,
                start_timeout=start_timeout,
                execution_timeout=execution_timeout,
                **shared,
                **kwargs,
            )
        from pipeline.execution.fork_client import ForkClient

        settings = merge_kwargs(
            remove_args(["input_path", "timeout", "startup_timeout"], **kwargs),
            timeout=execution_timeout or kwargs.get("timeout"),
            startup_timeout=start_timeout,
            kernel_name=kernel_name,
            log=logger,
            **shared,
        )
        modules = os.environ.get(PRELOAD_VARIABLE, "").split() if preload is None else preload
        return ForkClient(nb_man, kernel_starter(modules), memory, **settings).execute()
