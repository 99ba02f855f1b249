"""The scripts that measure: labels are read strictly, and losses are noticed."""

import sys
from pathlib import Path

import pytest
from results import FINDING, result_of

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

import corpus
import count
import fixes
import labels
import precision
import sample

from asyncblock_lint.model.repair import Revision

PACKAGE = corpus.PACKAGES[0]
START = f"{PACKAGE.name}\t{PACKAGE.version}"
FOUND = f"{START}\tapp/main.py\t5\tABL201\tnet.get"
GONE = f"{START}\tapp/main.py\t9\tABL201\tnet.get"


@pytest.fixture(autouse=True)
def one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every package has the one finding."""
    for module in (count, precision, sample):
        monkeypatch.setattr(module, "run", lambda package: corpus.Run(package, result_of(FINDING), 1.5))


def write_labels(folder: Path, monkeypatch: pytest.MonkeyPatch, *rows: str) -> None:
    path = folder / "labels.tsv"
    path.write_text("\n".join(["\t".join(labels.COLUMNS), *rows]) + "\n")
    monkeypatch.setattr(labels, "LABELS", path)


def precision_of(capsys: pytest.CaptureFixture[str]) -> tuple[object, list[str]]:
    with pytest.raises(SystemExit) as ended:
        precision.main()
    return ended.value.code, capsys.readouterr().out.splitlines()[2:]


def test_precision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_labels(tmp_path, monkeypatch, f"{FOUND}\ttrue\t", f"{GONE}\tfalse\tmended")
    code, lines = precision_of(capsys)
    assert not code
    assert lines == [
        f"| {PACKAGE.name} | exact | 1 | 1 | 100.0% |",
        "| all | any | 1 | 1 | 100.0% |",
        f"gone (false): {PACKAGE.name} app/main.py:9 ABL201 net.get",
    ]


def test_a_true_finding_that_is_gone_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # There is one such finding, so the second label of that place is not met.
    write_labels(tmp_path, monkeypatch, f"{FOUND}\tfalse\t", f"{FOUND}\ttrue\t")
    code, lines = precision_of(capsys)
    assert code
    assert lines[0] == f"| {PACKAGE.name} | exact | 1 | 0 | 0.0% |"
    assert lines[-1].startswith("gone (true): ")


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (f"{FOUND}\tyes\t", "labels.tsv:2: Invalid enum value 'yes'"),
        (f"{START}\ta.py\tfive\tABL201\tnet.get\ttrue\t", "labels.tsv:2: Expected `int`"),
        ("slowlib\t1\ta.py\t5\tABL201\tnet.get\ttrue\t", "labels.tsv:2: slowlib 1 is not among"),
    ],
)
def test_a_row_that_cannot_be_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str, complaint: str
) -> None:
    write_labels(tmp_path, monkeypatch, row)
    with pytest.raises(SystemExit, match=complaint):
        labels.read_labels()


def test_the_labels_kept_here_can_be_read() -> None:
    assert all(label.label in ("true", "false") for label in labels.read_labels())


def test_a_sample_leaves_out_what_is_labelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_labels(tmp_path, monkeypatch, f"{FOUND}\ttrue\t")
    other = corpus.PACKAGES[1]
    monkeypatch.setattr(sys, "argv", ["sample.py", "3", PACKAGE.name, other.name])
    sample.main()
    row = f"{other.name}\t{other.version}\tapp/main.py\t5\tABL201\tnet.get\t\t\n"
    assert capsys.readouterr().out == row


def test_counts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", ["count.py", PACKAGE.name])
    count.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == f"| {PACKAGE.name} {PACKAGE.version} | 12 | 80 | 1 | 1 | 0 | 0 | 1.5 |"
    assert lines[-1] == "| ABL201 blocking-http | 1 |"


def test_a_package_that_is_not_among_them() -> None:
    with pytest.raises(SystemExit, match="no such package: slowlib"):
        corpus.chosen(["slowlib"])


def fixes_of(
    text: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[object, list[str]]:
    """The exit code and the lines of the script, if the package is one file with that text."""
    (folder / "main.py").write_text(text)
    for module in (corpus, fixes):
        monkeypatch.setattr(module, "fetched", lambda package: folder)
    monkeypatch.setattr(sys, "argv", ["fixes.py", PACKAGE.name])
    with pytest.raises(SystemExit) as ended:
        fixes.main()
    return ended.value.code, capsys.readouterr().out.splitlines()[2:]


def test_fixes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    text = "import time, os\n\nasync def f(path):\n    time.sleep(1)\n    os.remove(path)\n"
    code, lines = fixes_of(text, tmp_path, monkeypatch, capsys)
    assert not code
    assert [line.rpartition(" | ")[0] for line in lines] == [
        f"| {PACKAGE.name} {PACKAGE.version} | 2 | 1 | 1 | 0 | 0 | 0 | 1"
    ]
    assert (tmp_path / "main.py").read_text() == text, "only copies are fixed"


@pytest.mark.parametrize(
    ("made", "complaint"),
    [
        ("async def f(:\n", "main.py:1: does not compile: "),
        (
            "import time\n\nasync def f():\n    time.sleep(2)\n",
            "main.py: 1 fixed, but 1 of 1 findings are left",
        ),
        ("import os\n\nasync def f(p):\n    os.remove(p)\n", "main.py: 1 new in main.f: ABL401 os.remove"),
    ],
)
def test_a_fix_that_went_wrong_fails(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    made: str,
    complaint: str,
) -> None:
    def write_it(revisions: tuple[Revision, ...]) -> None:
        for revision in revisions:
            Path(revision.location).write_text(made)

    monkeypatch.setattr(fixes, "write", write_it)
    text = "import time\n\nasync def f():\n    time.sleep(1)\n"
    code, lines = fixes_of(text, tmp_path, monkeypatch, capsys)
    assert code
    assert any(line.startswith(f"{PACKAGE.name}: {complaint}") for line in lines[1:])
