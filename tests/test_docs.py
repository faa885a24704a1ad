"""What is documented is what there is: every command, every setting, every spider, in both languages."""

import re
from dataclasses import fields
from pathlib import Path

import click
import pytest

from monitor.cli import cli
from monitor.config import Settings

ROOT = Path(__file__).parents[1]


def commands(group, prefix=()):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*prefix, name))
        else:
            yield " ".join((*prefix, name)), command


COMMANDS = dict(commands(cli))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented_with_its_options(name):
    text = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    section = re.search(rf"^### `didban {name}\b.*?(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, f"docs/commands.md has no section for didban {name}"
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Option) and parameter.name != "help":
            assert parameter.opts[0] in section[0], f"didban {name} {parameter.opts[0]} is not documented"


def test_no_command_is_documented_that_does_not_exist():
    text = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    documented = re.findall(r"^### `didban ([a-z -]+?)[ `]*(?=[A-Z\[<`]|--)", text, re.MULTILINE)
    assert {name.strip() for name in documented} == set(COMMANDS)


@pytest.mark.parametrize("setting", fields(Settings), ids=lambda setting: setting.name)
def test_every_setting_is_documented(setting):
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| `{setting.name}` \|.*$", text, re.MULTILINE)
    assert row, f"docs/settings.md has no row for {setting.name}"
    assert setting.metadata["help"] in row[0]


def test_no_setting_is_documented_that_does_not_exist():
    text = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE)) == {item.name for item in fields(Settings)}


def test_both_readmes_show_the_same_commands():
    blocks = [
        re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL)
        for name in ("README.md", "README.fa.md")
    ]
    strip = [[re.sub(r"\s*#.*", "", block) for block in each] for each in blocks]
    assert strip[0] == strip[1]


def test_what_the_documents_link_to_is_there():
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)|src=\"([^\"#:]+)\"", document.read_text(encoding="utf-8")):
            path = document.parent / (target[0] or target[1])
            assert path.exists(), f"{document.name} links to {path}"


def test_the_changelog_has_the_version():
    from monitor import __version__

    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## Unreleased" in text
    assert __version__
