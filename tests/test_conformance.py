"""Claims about a provider are proved: every line has a test, and every number in a test's name has a line."""

import re
from pathlib import Path

import pytest

from emulator.providers import NAMES
from scripts import conformance

LINE = "- {{number: {number}, claim: It is so, parts: [{{assumed: It is.}}]}}\n"


@pytest.mark.parametrize("name", NAMES)
def test_every_line_has_a_test_and_every_number_a_line(name: str) -> None:
    assert conformance.problems(conformance.folder(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_no_numbered_test_is_where_the_page_does_not_look(name: str) -> None:
    folder = conformance.folder(name)
    written = re.findall(r"def (test_\d\w+)", "".join(path.read_text("utf-8") for path in folder.rglob("*.py")))
    assert sorted(written) == sorted(proof.name for proof in conformance.read_proofs(folder)) != []


@pytest.mark.parametrize(
    ("numbers", "tests", "problem"),
    [
        ([1, 2], "def test_01_and_02_both_hold(): ...", None),
        ([1], "def test_01_it_is(): ...\ndef test_it_is(): ...", None),
        ([1, 2], "def test_01_it_is(): ...", "line 2 has no test"),
        ([1], "def test_01_it_is(): ...\ndef test_02_it_was(): ...",
         "test_it.py: test_02_it_was has a number without a line"),
        ([1], "def test_01_and_02_hold(): ...", "test_it.py: test_01_and_02_hold has a number without a line"),
        ([2, 1], "def test_01_and_02_both_hold(): ...", "line 1 stands behind line 2"),
        ([1, 1], "def test_01_it_is(): ...", "line 1 stands behind line 1"),
    ],
)  # fmt: skip
def test_lines_and_tests_that_do_not_match_are_found(
    tmp_path: Path, numbers: list[int], tests: str, problem: str | None
) -> None:
    (tmp_path / "conformance.yaml").write_text("".join(LINE.format(number=number) for number in numbers))
    (tmp_path / "test_it.py").write_text(tests)
    assert conformance.problems(tmp_path) == ([problem] if problem else [])


@pytest.mark.parametrize(
    "line",
    [
        "- {number: one, claim: It is so, parts: [{assumed: It is.}]}",
        "- {number: 1, claim: It is so}",
        "- {number: 1, claim: It is so, parts: []}",
        "- {number: 1, claim: It is so, parts: [It is.]}",
        "- {number: 1, claim: It is so, parts: [{guessed: It is.}]}",
        "- {number: 1, claim: It is so, parts: [{assumed: It is., ours: It is.}]}",
        "- {number: 1, claim: It is so, parts: [{assumed: It is.}], tests: [test_it]}",
    ],
)
def test_a_malformed_line_is_refused(tmp_path: Path, line: str) -> None:
    (tmp_path / "conformance.yaml").write_text(line)
    with pytest.raises(ValueError, match="line"):
        conformance.read_lines(tmp_path)


def test_the_name_of_a_test_reads_as_a_claim() -> None:
    proof = conformance.Proof(Path("test_it.py"), "test_09_and_10_a_partner_s_key_is_good", frozenset({9, 10}))
    assert proof.claim == "a partner's key is good"
