"""The program as a process of its own: pipes, signals, devices, and the public names."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import asyncblock_lint

COMMAND = (sys.executable, "-m", "asyncblock_lint")


def test_nobody_reads_on() -> None:
    with subprocess.Popen([*COMMAND, "rules"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.fixture
def heeding() -> Iterator[None]:
    """Children do not ignore an interrupt, even if these tests were started to do so, as by `nohup … &`."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeding")
def test_an_interrupt_while_it_waits(tmp_path: Path) -> None:
    pipe = tmp_path / "rules.toml"
    os.mkfifo(pipe)
    with subprocess.Popen([*COMMAND, "rules", "--check", str(pipe)], stderr=subprocess.PIPE) as process:
        writer = open_for(pipe, process)
        process.send_signal(signal.SIGINT)
        process.wait()
        os.close(writer)
        assert process.stderr is not None
        assert process.stderr.read().strip() == b""
    assert process.returncode == 130


def open_for(pipe: Path, process: subprocess.Popen[bytes]) -> int:
    """Open the pipe for writing as soon as the process reads it."""
    while process.poll() is None:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.01)
    raise AssertionError("the process did not get as far as reading")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no device that is always full")
def test_a_full_disk() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*COMMAND, "rules"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        b"asyncblock-lint: error: cannot write to standard output: No space left on device\n"
    )


def test_a_closed_output() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"exec {' '.join(COMMAND)} rules >&-"], stderr=subprocess.PIPE, check=False
    )
    assert (done.returncode, done.stderr) == (
        2,
        b"asyncblock-lint: error: standard output is closed\n",
    )


def test_output_is_utf8_in_any_locale(tmp_path: Path) -> None:
    (tmp_path / "é.py").write_text("import time\nasync def f():\n    time.sleep(1)\n")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    command = [*COMMAND, "check", "--output-format", "concise"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stdout.decode().startswith("é.py:3:5: ABL101 blocking-sleep: ")


def test_public_names_are_there_on_demand(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import time\nasync def f():\n    time.sleep(1)\n")
    config = asyncblock_lint.Config(paths=("a.py",), working_directory=str(tmp_path))
    [finding] = asyncblock_lint.lint(config).findings
    assert isinstance(finding, asyncblock_lint.Diagnostic)
    assert (finding.code, finding.path, finding.line) == ("ABL101", "a.py", 3)
    assert all(hasattr(asyncblock_lint, name) for name in asyncblock_lint.__all__)
    assert not hasattr(asyncblock_lint, "check")


def test_extraction_alone_needs_little() -> None:
    program = "import asyncblock_lint.extract.gather, sys; sys.exit('libcst' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
