"""Reading YAML as if it were JSON, and finding the line of what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.core import json_text
from emulator.files import shipped
from emulator.files.yaml_mistakes import UnreadableFile
from emulator.files.yaml_text import find_position, read_yaml

READ: list[tuple[str, Any]] = [
    ("", None),
    ("a:", {"a": None}),
    ("a: ~", {"a": None}),
    ("a: null", {"a": None}),
    ('a: "null"', {"a": "null"}),
    ("{on: approve, no: 1, yes: 2, off: 3, y: 4}", {"on": "approve", "no": 1, "yes": 2, "off": 3, "y": 4}),
    ("a: yes", {"a": "yes"}),
    ("a: NO", {"a": "NO"}),
    ("a: true", {"a": True}),
    ("a: False", {"a": False}),
    ("1: a", {"1": "a"}),
    ("true: a", {"true": "a"}),
    ("a: 2026-01-05", {"a": "2026-01-05"}),
    ("a: 12:30", {"a": "12:30"}),
    ("a: 010", {"a": "010"}),
    ("a: 0x1F", {"a": "0x1F"}),
    ("a: 1_000", {"a": "1_000"}),
    ("a: +1", {"a": "+1"}),
    ("a: .5", {"a": ".5"}),
    ("a: 1.", {"a": "1."}),
    ("a: .nan", {"a": ".nan"}),
    ("a: =", {"a": "="}),
    ("<<: a", {"<<": "a"}),
    ("a: |\n  1\n  2", {"a": "1\n2"}),
    ("a: 'é'", {"a": "é"}),
    ('{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
    ('{\n\t"a": 1\n}', {"a": 1}),
    ("[1, 2]", [1, 2]),
    ("- a\n- {b: [c]}", ["a", {"b": ["c"]}]),
]

UNREADABLE: list[tuple[str, int, str]] = [
    ("a: [1", 1, "a `]` or a comma is missing"),
    ("a: 1\n\tb: 2", 2, "not YAML"),
    ("a: 1\nb: {c: 1\nd: 2", 2, "not YAML"),
    ("a: 1\nb: 2\na: 3", 3, "the key 'a' appears twice"),
    ("a: {b: 1, b: 1}", 1, "the key 'b' appears twice"),
    ("a: 1\n? [b]\n: 2", 2, "a key must be text"),
    ("a: &x 1\nb: *x", 2, "write out what *x stands for"),
    ("a: &x [*x]", 1, "write out what *x stands for"),
    ("a: 1\nb: !!binary aGk=", 2, "leave out the tag"),
    ("a: !!python/object/apply:os.system [ls]", 1, "leave out the tag"),
    ("a: !!set {b}", 1, "leave out the tag"),
    ("a: !own 1", 1, "leave out the tag"),
    ("a: 1\n---\nb: 2", 2, "not YAML"),
    ("a: \x00", 1, "not YAML"),
    ("a: \ud800", 1, "not YAML"),
    ("a: " + "9" * 5000, 1, "out of range"),
    ("a: 1e99999999999999999999", 1, "out of range"),
    ("- " * 60 + "a", 1, "nested more than 50 levels deep"),
    ("[" * 30_000, 1, "nested more than 50 levels deep"),
    ('{"a":' * 10_000, 1, "nested more than 50 levels deep"),
]


@pytest.mark.parametrize(("text", "value"), READ, ids=repr)
def test_yaml_means_what_json_would_mean(text: str, value: Any) -> None:
    assert read_yaml(text) == value


@pytest.mark.parametrize("literal", ["1", "-1", "275.0", "0.00", "1e5", "1E-7", "1.50e+3", "9" * 40, "0.1" + "0" * 30])
def test_numbers_stay_as_they_are_written(literal: str) -> None:
    for text in (f"a: {literal}", f'{{"a": {literal}}}', f"- {literal}"):
        assert literal.encode() in json_text.encode(read_yaml(text))


@pytest.mark.parametrize(("text", "line", "words"), UNREADABLE, ids=lambda value: repr(value)[:30])
def test_values_that_json_cannot_express_are_refused_with_their_line(text: str, line: int, words: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_yaml(text)
    assert words in str(caught.value)
    assert caught.value.line == line


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(JSON, st.sampled_from([None, 2, "\t"]), st.booleans())
def test_every_json_document_is_read_as_json(value: Any, indent: int | str | None, ascii_only: bool) -> None:
    document = value if isinstance(value, (dict, list)) else [value]
    assert read_yaml(json.dumps(document, indent=indent, ensure_ascii=ascii_only)) == document


@given(st.text() | st.text("{}[]:,-?!&*#|>'\"%@` \nab1.\t", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        value = read_yaml(text)
    except UnreadableFile as error:
        assert 1 <= error.line <= text.count("\n") + text.count("\r") + text.count("\x85") + text.count("\u2028") + 2
        return
    assert json_text.decode(json_text.encode(value)) == value


TEXT = """# a comment
version: 1
timeline:
  - {after: 5s, to: paid}
  - after: 10s
    to: done
match:
  body.a: "1"
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("version",), 2),
        (("timeline",), 3),
        (("timeline", 0), 4),
        (("timeline", 0, "to"), 4),
        (("timeline", 1), 5),
        (("timeline", 1, "to"), 6),
        (("timeline", 1, "missing"), 5),
        (("timeline", 7), 3),
        (("match", "body.a"), 8),
        (("missing",), 2),
        (("version", "deeper"), 2),
    ],
)
def test_the_line_of_a_value_or_its_nearest_parent_is_found(path: tuple[str | int, ...], line: int) -> None:
    assert find_position(TEXT, path)[0] == line


@pytest.mark.parametrize("text", ["", "# nothing", "a: [", '{\n\t"a": 1}', "\x00", "[" * 100])
def test_a_line_is_found_in_any_text(text: str) -> None:
    assert find_position(text, ("a", 0)) >= (1, 1)


def test_scenario_files_are_found_at_any_depth_except_hidden_ones(tmp_path: Path) -> None:
    for name in (
        "b.yaml",
        "a/c.yml",
        "a/b/d.yaml",
        ".hidden.yaml",
        ".git/e.yaml",
        "f.json",
        "g.yxml",
        "a/h.yaml~",
        "i.YAML",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    found = [str(path.relative_to(tmp_path)) for path in shipped.scenario_paths(tmp_path)]
    assert found == ["a/b/d.yaml", "a/c.yml", "b.yaml", "i.YAML"]


def test_schemas_and_scenarios_are_where_the_package_says() -> None:
    assert (shipped.folder("schemas") / "scenario.schema.json").is_file()
    assert (shipped.folder("scenarios") / "baanx" / "happy.yaml").is_file()
    assert "create-order.request" in shipped.load_schemas("baanx")
    assert shipped.load_schemas("nobody") == {}
