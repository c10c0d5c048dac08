"""`wfs-proxy example`: list the shipped examples, or copy one into the folder of layer files."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from wfs_proxy.cli.example_texts import EXAMPLE_TEXTS
from wfs_proxy.config import LAYER_SUFFIXES, SIGNALEN_FILES, Language, Variable, nearest_names, path_of
from wfs_proxy.demo.examples import ShippedExample, shipped_examples
from wfs_proxy.errors import ConfigurationError

__all__ = ["ExampleRefused", "copy_example", "list_examples"]

_LOGIN = {
    "username": "username",
    "password": "password",
    "value": "value",
    "token": "token",
    "client_id": "client_id",
    "client_secret": "client_secret",
    "token_url": "login_address",
    "issuer": "login_address",
    "url": "login_address",
}
"""The last key of a variable in `source.auth` -> the code of its meaning."""


@dataclass(frozen=True, kw_only=True)
class ExampleRefused:
    """Nothing was copied."""

    reason: str


def list_examples(folder: Path, command: str, language: Language) -> Iterator[str]:
    """Yield a table of the examples, and how to copy one.

    Args:
        folder: that a copy would be in.
        command: with which a person runs this program.
        language: of the lines.
    """
    yield _say("list", language)
    heads = tuple(_say(code, language) for code in ("id", "kind", "content", "variables"))
    rows = [heads, *((each.id, each.kind, _content(each, language), _names(each)) for each in shipped_examples())]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads) - 1)]
    for row in rows:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]]).rstrip()
    yield _say("how_to_copy", language, folder=str(folder), command=command)


def copy_example(name: str, folder: Path, command: str, language: Language) -> Sequence[str] | ExampleRefused:
    """Copy an example and return what to do with it.

    Args:
        name: the id of an example, or the first words of one, such as those of a vendor that has one layer.
        folder: of the layer files; it is made if it does not exist.
        command: with which a person runs this program.
        language: of the lines.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    example = _chosen(name, language)
    if isinstance(example, ExampleRefused):
        return example
    taken = next((path for path in _paths(example.id, folder) if path.exists() or path.is_symlink()), None)
    path = taken or folder / example.path.name
    if taken is not None or not _written(path, example.text):
        return ExampleRefused(reason=_say("exists", language, path=str(path)))
    return list(_lines(example, path, command, language))


def _chosen(name: str, language: Language) -> ShippedExample | ExampleRefused:
    examples = {example.id: example for example in shipped_examples()}
    wanted = name.strip().casefold()
    for suffix in LAYER_SUFFIXES:
        wanted = wanted.removesuffix(suffix)
    found = [each for each in examples.values() if wanted == each.id or each.id.startswith(f"{wanted}-")]
    # a vendor's name means its usual layer
    chosen = [each for each in found if wanted == each.id or not each.is_variant]
    if len(chosen) == 1:
        return chosen[0]
    if found:
        return ExampleRefused(reason=_say("several", language, given=name, names=", ".join(each.id for each in found)))
    near = _near(wanted, examples)
    code = "unknown_near" if near else "unknown"
    return ExampleRefused(reason=_say(code, language, given=name, names=", ".join(near or examples)))


def _near(wanted: str, examples: Collection[str]) -> Sequence[str]:
    """Return the ids that somebody may have meant who wrote the id of a layer or the name of its vendor."""
    vendors = {example_id: example_id.partition("-")[0] for example_id in examples}
    near = nearest_names(wanted, vendors.values())
    return nearest_names(wanted, examples) or [each for each, vendor in vendors.items() if vendor in near]


def _paths(example_id: str, folder: Path) -> Iterator[Path]:
    return (folder / f"{example_id}{suffix}" for suffix in LAYER_SUFFIXES)


def _written(path: Path, text: str) -> bool:
    """Write a new file; return False if there is one already."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError), path.open("x", encoding="utf-8") as file:
            file.write(text)
            return True
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror or error}") from error
    return False


def _lines(example: ShippedExample, path: Path, command: str, language: Language) -> Iterator[str]:
    yield _say("written", language, path=str(path), content=_content(example, language))
    if example.kind != "signalen":
        yield _say("comments", language)
    if example.variables:
        yield _say("fill_in", language)
        width = max(len(variable.name) for variable in example.variables)
        for variable in example.variables:
            yield f"  {variable.name.ljust(width)}  {_meaning(variable, example.kind, language)}"
    folder, argument = path.parent, shlex.quote(str(path.parent))
    if example.signalen and not any((folder / name).exists() for name in SIGNALEN_FILES):
        details = {"name": example.signalen, "folder": str(folder), "command": command, "argument": argument}
        yield _say("no_signalen", language, **details)
    yield _say("next", language)
    yield from (f"  export {each.name}=..." for each in example.variables if each.default is None)
    checked = argument if example.kind == "signalen" else shlex.quote(str(path))
    yield f"  {command} check {checked} --live"
    yield f"  {command} serve --layers {argument}"


def _content(example: ShippedExample, language: Language) -> str:
    if example.kind == "signalen":
        return _say("signalen", language)
    return ", ".join(filter(None, (example.title, example.organisation)))


def _names(example: ShippedExample) -> str:
    return ", ".join(variable.name for variable in example.variables if variable.default is None)


def _meaning(variable: Variable, kind: str, language: Language) -> str:
    code = _code_of(variable, kind)
    meaning = _say(code, language, written=variable.text, key=path_of(variable.keys))
    if variable.default is None:
        return meaning
    return _say("optional", language, meaning=meaning, default=variable.default)


def _code_of(variable: Variable, kind: str) -> str:
    """Return the code of what a variable means, by the key that it is at."""
    code = "other"
    match variable.keys:
        case ("instances", _, key, *_):
            code = f"signalen_{key}"
        case ("source", "url" | "path") if not variable.text.startswith(f"${{{variable.name}"):
            code = "address_part"
        case ("source", "url"):
            code = f"address_{kind}" if f"address_{kind}" in EXAMPLE_TEXTS else "address"
        case ("source", "path"):
            code = "path"
        case ("source", "auth", *_, last):
            code = _LOGIN.get(str(last), "login")
    return code if code in EXAMPLE_TEXTS else "other"


def _say(code: str, language: Language, **details: str) -> str:
    return EXAMPLE_TEXTS[code].filled_in(details).in_language(language)
