"""A file of the user's own with facts about the providers, which confirm or correct what is assumed."""

from collections.abc import Mapping
from pathlib import Path

from emulator.contract.card import Provider
from emulator.core.facts import BrokenFacts, correct_all
from emulator.files.yaml_file import BrokenFiles, read_yaml_file


def read_facts(path: Path, providers: Mapping[str, Provider]) -> dict[str, Provider]:
    """The providers, corrected by the facts in a file. Raises BrokenFiles with everything that is wrong."""
    file = read_yaml_file(path, "leave out the facts that correct nothing")
    try:
        return correct_all(providers, file.document)
    except BrokenFacts as error:
        raise BrokenFiles(file.problem(each.path, each.message) for each in error.problems) from error


def is_facts_file(path: Path, providers: Mapping[str, Provider]) -> bool:
    """Whether a file has facts rather than a scenario: providers are its top keys, or its name is `known.yaml`."""
    if path.stem == "known":
        return True
    try:
        document = read_yaml_file(path).document
    except BrokenFiles:
        return False
    return isinstance(document, dict) and any(name in document for name in providers)
