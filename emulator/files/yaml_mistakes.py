"""What is wrong with a text that is not YAML, in our own words rather than the parser's."""

import yaml

MAX_YAML_DEPTH = 50
"""How deeply a YAML document may be nested; the deepest scenario has six levels."""
TOO_DEEP = f"nested more than {MAX_YAML_DEPTH} levels deep"
_TAB = "indented with a tab: use spaces"
_BY_PROBLEM = (
    ("but found another document", "a second document begins here: one file is one scenario"),
    ("<document start>", "more follows after the end of the document: one file is one scenario"),
    ("violates indentation", _TAB),
    ("mapping values are not allowed", "one colon too many: put text with `: ` in quotes, write `key: value` with a "
                                       "space after the colon, and begin keys that belong together in the same column"),
    ("could not find expected ':'", "a key without a colon: write `key: value`"),
    ("'-' indicator", "this line is not an item of the list above: begin it with a dash, or indent it like the item"),
    ("expected key", "this line does not fit the lines above: begin keys that belong together in the same column"),
    ("block end", "this line does not fit the lines above: begin keys that belong together in the same column"),
    ("',' or ']'", "a `]` or a comma is missing: the list that began before is not closed"),
    ("',' or '}'", "a `}` or a comma is missing: the braces that began before are not closed"),
    ("unexpected end of stream", "a quote is not closed"),
    ("unexpected document indicator", "a quote is not closed"),
    ("unknown escape", "no such escape: in single quotes a backslash is just a backslash"),
    ("alphabetic or numeric", "a text that begins with & or * needs quotes"),
    ("directive", "a line that begins with % needs quotes around it, or must be removed"),
    ("node content", "a value is missing here, or a bracket is closed that was not opened"),
    ("comment or line break", "after | or > the text begins on the next line"),
    ("indentation indicators", "after | or > the text begins on the next line"),
    ("expected '>'", "leave out the tag"),
    ("nesting depth", TOO_DEEP),
)  # fmt: skip
"""What parsers say, and what it means for the author of the text."""


class UnreadableFile(ValueError):
    """The text cannot be read as YAML; `line` and `column` count from 1."""

    def __init__(self, message: str, line: int, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def explain(text: str, error: Exception) -> UnreadableFile:
    """The error to raise for one that the parser raised about a text."""
    if isinstance(error, yaml.reader.ReaderError):
        return at(text, int(error.position), _control_character(text, int(error.position)))
    if isinstance(error, UnicodeEncodeError):
        return at(text, error.start, "half of a surrogate pair: the file is not valid UTF-8")
    if not isinstance(error, yaml.MarkedYAMLError):
        return UnreadableFile(f"not YAML: {error}", 1)
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    tab = _indenting_tab(text, line)
    if tab is not None:
        return UnreadableFile(f"not YAML: {_TAB}", tab)
    said = f"{error.context or ''} {error.problem or ''}"
    if "single document" in said:
        return UnreadableFile(f"not YAML: {_BY_PROBLEM[0][1]}", line, column)
    if "cannot start any token" in said:
        return UnreadableFile(
            f"not YAML: a text that begins with {_character(text, line, column)} needs quotes", line, column
        )
    if "node content" in said and not "".join(text.split("\n")[line - 1 :])[column - 1 :].strip():
        return UnreadableFile("not YAML: a bracket is not closed", line, column)
    meaning = next((ours for theirs, ours in _BY_PROBLEM if theirs in said), "put the text here in quotes")
    opened = error.context_mark
    if "is not closed" in meaning or "are not closed" in meaning:
        line, column = (opened.line + 1, opened.column + 1) if opened else (line, column)
    return UnreadableFile(f"not YAML: {meaning}", line, column)


def at(text: str, position: int, message: str) -> UnreadableFile:
    """The error to raise for the character at a position."""
    before = text[:position]
    return UnreadableFile(f"not YAML: {message}", before.count("\n") + 1, position - before.rfind("\n"))


def _control_character(text: str, position: int) -> str:
    code = ord(text[position]) if position < len(text) else 0
    return f'the control character U+{code:04X}: remove it, or write it as "\\x{code:02X}" in double quotes'


def _character(text: str, line: int, column: int) -> str:
    lines = text.split("\n")
    return lines[line - 1][column - 1 : column] if line <= len(lines) else "it"


def _indenting_tab(text: str, line: int) -> int | None:
    """The number of the line, this one or the one before, that is indented with a tab; None if neither is."""
    lines = text.split("\n")
    for number in (line, line - 1):
        if 0 < number <= len(lines):
            written = lines[number - 1]
            if "\t" in written[: len(written) - len(written.lstrip())]:
                return number
    return None
