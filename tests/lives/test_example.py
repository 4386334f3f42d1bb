"""The example merchant survives all lives; with a bug it does not, and pytest shows the shortest one."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.thorough import tries

pytestmark = pytest.mark.long

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "examples" / "test_lives.py"
MISTAKES = {
    "credits whenever it looks": (" and order not in self.credited", ""),
    "believes the webhook": ('self.look(str(told["orderId"]))', 'self.credited.append(str(told["orderId"]))'),
    "takes begun for done": ('== "complete"', '== "pending"'),
}


def run(path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=1", str(path)],
        capture_output=True, text=True, timeout=240, cwd=path.parent, env={**os.environ, "COLUMNS": "200"},
    )  # fmt: skip


def test_the_merchant_survives(tmp_path: Path) -> None:
    copy = tmp_path / EXAMPLE.name
    text = EXAMPLE.read_text()
    assert "max_examples=200" in text
    copy.write_text(text.replace("max_examples=200", f"max_examples={tries(200)}"))
    ended = run(copy)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "1 passed" in ended.stdout


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_a_merchant_with_a_bug_is_caught_and_the_life_is_printed(tmp_path: Path, mistake: tuple[str, str]) -> None:
    right, wrong = mistake
    text = EXAMPLE.read_text()
    assert right in text
    broken = tmp_path / EXAMPLE.name
    broken.write_text(text.replace(right, wrong))
    ended = run(broken)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert re.search(r"Life\(provider='changelly', kind='buy'", ended.stdout)
    printed = ended.stdout[ended.stdout.index("As a scenario file:") :]
    steps = re.findall(r"^E +- \{|^E +# ", printed, re.MULTILINE)
    assert 1 <= len(steps) <= 4


def test_the_state_machine_of_the_docs_runs() -> None:
    text = (ROOT / "docs" / "lives.md").read_text("utf-8")
    [block] = [each for each in re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S) if "EmulatorMachine" in each]
    names: dict[str, Any] = {}
    exec(compile(block, "<docs/lives.md>", "exec"), names)
    run_state_machine_as_test(names["Cashier"], settings=settings(names["TestCashier"].settings, max_examples=20))
