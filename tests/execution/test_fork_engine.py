"""The engine `fork`: as a plain kernel gives it, and nothing left for the next notebook."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from pipeline.execution.fork_client import MemoryLimitError
from pipeline.execution.forking import unfit_to_fork
from pipeline.execution.stable import stabilise
from tests.execution import notebooks

pytestmark = pytest.mark.skipif(bool(unfit_to_fork()), reason="kernels are not forked here")

AWKWARD = (
    "print('text'); 1 + 1",
    "import sys\nprint('out')\nprint('err', file=sys.stderr)\nprint('out again')",
    "%%writefile made-by-magic.txt\nhello",
    "%%bash\necho from bash",
    "!echo from a shell",
    "from IPython.display import HTML, clear_output, display\n"
    "handle = display('first', display_id='one')\nhandle.update('second')",
    "display(HTML('<b>bold</b>'))\nprint('gone'); clear_output(); print('stays')",
    "from tqdm import tqdm\nfor _ in tqdm(range(3), bar_format='{n}/{total}'): pass",
    "import rich\nrich.print('[bold]rich[/bold]')",
    "import warnings\nwarnings.warn('careful')",
    "input('name? ')",
    "1 / 0",
    "def broken(:\n    pass",
    "raise SystemExit(3)",
    "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'",
    "sys.path, sys.argv[0], __name__",
    "import os\nsorted(k for k in os.environ if not k.startswith(('JPY', 'PYDEVD')))",
    "%lsmagic",
    "get_ipython().__class__.__name__, get_ipython().config.IPKernelApp is not None",
    "import getpass\ngetpass.getpass()",
    "%%capture caught\nprint('caught')",
    "caught.stdout",
    "import multiprocessing\n"
    "with multiprocessing.get_context('fork').Pool(2) as pool: print(pool.map(abs, [-1, -2]))",
    "import logging\nlogging.warning('logged')",
    "_",
    "In[1], Out[1]",
    "%whos str",
    "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1, 2])\nNone",
    "import pandas as pd\npd.DataFrame({'a': [1, 2]}).style",
    "object()",
)
FAILING = {10, 11, 12, 13, 19}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("awkward")


def test_awkward_cells_give_the_same_outputs_as_a_plain_kernel(folder: Path) -> None:
    tags = {index: ["raises-exception"] for index in FAILING}
    path = notebooks.write(folder / "awkward.ipynb", *AWKWARD, tags=tags)
    results = []
    for engine in ("fork", "nbclient"):
        (folder / engine).mkdir()
        results.append(stabilise(notebooks.run(path, engine, cwd=folder / engine)))
    forked, plain = results
    different = {
        source: (notebooks.outputs(forked, index), notebooks.outputs(plain, index))
        for index, source in enumerate(AWKWARD)
        if notebooks.outputs(forked, index) != notebooks.outputs(plain, index)
    }
    assert different == {}


def test_nothing_passes_from_one_notebook_to_the_next(folder: Path) -> None:
    show = (
        "import os, sys, random, json, string\nimport numpy as np\nimport matplotlib as mpl\n"
        "import __main__, builtins, warnings\n"
        "print(json.dumps([os.getcwd(), sorted(os.environ.items()), sys.path, "
        "mpl.rcParams['font.size'], string.digits, hasattr(builtins, 'mine'), "
        "'invented' in sys.modules, len(warnings.filters), np.geterr(), os.umask(18)]))",
        "print(random.random(), np.random.rand())",
    )
    spoil = (
        *show,
        "import types\nos.chdir('/'); os.environ['MINE'] = '1'; sys.path.insert(0, '/mine')\n"
        "mpl.rcParams['font.size'] = 99; string.digits = 'x'; builtins.mine = 1\n"
        "sys.modules['invented'] = types.ModuleType('invented'); warnings.simplefilter('ignore')\n"
        "np.seterr(all='raise'); random.seed(1); np.random.seed(1); os.umask(0)\n"
        "import atexit, threading; threading.Thread(target=lambda: None).start()",
    )
    modules = ["numpy", "matplotlib"]
    first = notebooks.run(
        notebooks.write(folder / "spoil.ipynb", *spoil), "fork", cwd=folder, preload=modules
    )
    second = notebooks.run(
        notebooks.write(folder / "show.ipynb", *show), "fork", cwd=folder, preload=modules
    )
    assert notebooks.text_of(first, 0) == notebooks.text_of(second, 0)
    assert notebooks.text_of(first, 1) != notebooks.text_of(second, 1)  # seeded afresh each time


def test_output_of_processes_comes_in_the_order_in_which_it_was_written(folder: Path) -> None:
    path = notebooks.write(
        folder / "order.ipynb",
        "import os, subprocess\nprint(1)\nos.system('echo 2')\nprint(3)\n"
        "subprocess.run(['echo', '4'])\nos.write(1, b'5\\n')\nprint(6)\nNone",
    )
    assert notebooks.text_of(notebooks.run(path, "fork"), 0) == "1\n2\n3\n4\n5\n6\n"


def test_large_output_of_a_process_does_not_block_it(folder: Path) -> None:
    path = notebooks.write(
        folder / "large.ipynb",
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', \"print('x' * 3_000_000)\"])"
        "\nNone",
    )
    assert len(notebooks.text_of(notebooks.run(path, "fork"), 0)) == 3_000_001


def test_notebook_stops_at_an_error_and_keeps_what_came_before(folder: Path) -> None:
    path = notebooks.write(folder / "error.ipynb", "print('before')", "1 / 0", "print('after')")
    done = notebooks.run(path, "fork")
    assert notebooks.text_of(done, 0) == "before\n"
    assert notebooks.text_of(done, 1) == "ZeroDivisionError: division by zero"
    assert notebooks.outputs(done, 2) == []


@pytest.mark.parametrize(
    ("end", "fate"),
    [
        ("os._exit(7)", "exit status 7"),
        ("os.kill(os.getpid(), 9)", "signal SIGKILL"),
        ("import ctypes; ctypes.string_at(0)", "signal SIGSEGV"),
    ],
)
def test_crash_leaves_a_notebook_with_what_was_printed(folder: Path, end: str, fate: str) -> None:
    path = notebooks.write(
        folder / "crash.ipynb", "print('whole')", f"import os\nprint('last words')\n{end}", "1"
    )
    with pytest.raises(DeadKernelError, match=fate):
        notebooks.run(path, "fork")
    left = nbformat.read(folder / "crash.fork.ipynb", 4)
    assert notebooks.text_of(left, 0) == "whole\n"
    assert notebooks.text_of(left, 1) == f"last words\nDeadKernelError: Kernel died ({fate})"


def test_crash_is_seen_while_a_process_of_the_notebook_lives_on(folder: Path) -> None:
    path = notebooks.write(
        folder / "orphan.ipynb",
        "import os, time\nif os.fork() == 0:\n    time.sleep(60)\n    os._exit(0)\nos._exit(3)",
    )
    started = time.monotonic()
    with pytest.raises(DeadKernelError, match="exit status 3"):
        notebooks.run(path, "fork")
    assert time.monotonic() - started < 20


def test_timeout_interrupts_the_cell_and_keeps_its_output(folder: Path) -> None:
    path = notebooks.write(
        folder / "slow.ipynb", "import time\nprint('started')\ntime.sleep(60)", "print('never')"
    )
    started = time.monotonic()
    with pytest.raises(CellTimeoutError):
        notebooks.run(path, "fork", execution_timeout=1)
    assert time.monotonic() - started < 10
    left = nbformat.read(folder / "slow.fork.ipynb", 4)
    assert notebooks.text_of(left, 0).startswith("started\nKeyboardInterrupt")


def test_cell_that_ignores_the_interrupt_is_ended(folder: Path) -> None:
    path = notebooks.write(
        folder / "stubborn.ipynb",
        "import signal, time\nprint('deaf')\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "while True: time.sleep(1)",
    )
    with pytest.raises(CellTimeoutError):
        notebooks.run(path, "fork", execution_timeout=1)
    assert notebooks.text_of(nbformat.read(folder / "stubborn.fork.ipynb", 4), 0) == "deaf\n"


def test_memory_over_the_limit_ends_the_notebook_with_the_reason(folder: Path) -> None:
    path = notebooks.write(
        folder / "hungry.ipynb", "print('hungry')\nblock = bytearray(2_000_000_000)\nprint(1)"
    )
    with pytest.raises(MemoryLimitError, match="more than the 400 MB"):
        notebooks.run(path, "fork", memory=400 * 1024 * 1024)
    left = nbformat.read(folder / "hungry.fork.ipynb", 4)
    assert notebooks.text_of(left, 0).startswith("hungry\nMemoryLimitError: the notebook used")


def test_atexit_hooks_and_threads_of_a_notebook_end_before_it_does(folder: Path) -> None:
    witness = folder / "witness.txt"
    path = notebooks.write(
        folder / "atexit.ipynb",
        f"import atexit, pathlib, threading, time\nwitness = pathlib.Path({str(witness)!r})\n"
        "atexit.register(lambda: witness.write_text(witness.read_text() + ' and hook'))\n"
        "threading.Thread(target=lambda: (time.sleep(0.3), witness.write_text('thread'))).start()",
    )
    notebooks.run(path, "fork")
    assert witness.read_text() == "thread and hook"


def test_kernel_of_another_kind_runs_plainly_and_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("pipeline.execution.launch.unfit_to_fork", lambda: "no forks here")
    path = notebooks.write(folder / "plain.ipynb", "print('plain')")
    with caplog.at_level("WARNING", logger="papermill"):
        done = notebooks.run(path, "fork")
    assert notebooks.text_of(done, 0) == "plain\n"
    assert "no forks here; the notebook runs in a plain kernel" in caplog.text


def test_command_line_of_papermill_knows_the_engine(folder: Path) -> None:
    path = notebooks.write(folder / "cli.ipynb", "print('by hand')")
    target = folder / "cli.out.ipynb"
    command = [sys.executable, "-m", "papermill", "--engine", "fork", str(path), str(target)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert notebooks.text_of(nbformat.read(target, 4), 0) == "by hand\n"


def test_processes_of_the_engine_end_with_their_host(folder: Path) -> None:
    path = notebooks.write(
        folder / "pids.ipynb",
        "import os, time, pathlib\n"
        "pathlib.Path('pids.txt').write_text(f'{os.getpid()} {os.getppid()}')\ntime.sleep(60)",
    )
    (folder / "pids.txt").unlink(missing_ok=True)
    code = f"import papermill; papermill.execute_notebook({str(path)!r}, None, engine_name='fork')"
    host = subprocess.Popen([sys.executable, "-c", code], cwd=folder, stderr=subprocess.DEVNULL)
    _wait(lambda: (folder / "pids.txt").exists() and (folder / "pids.txt").read_text())
    host.kill()
    host.wait()
    for pid in map(int, (folder / "pids.txt").read_text().split()):
        _wait(lambda pid=pid: _is_gone(pid))


def _is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def _wait(condition: object, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < ends, "it took too long"
        time.sleep(0.02)
