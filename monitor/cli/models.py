"""didban model, didban db."""

from pathlib import Path

import click

from monitor.cli.context import echo_json, open_house, settings_of

_data = click.option(
    "--data",
    "data_dir",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="Folder of the training data; docs/model.md says what it holds.",
)


@click.group()
def model() -> None:
    """The model that labels."""


@model.command("train")
@_data
@click.option(
    "--work", "work_dir", type=click.Path(path_type=Path), default=Path("training"), help="Folder of checkpoints."
)
@click.pass_context
def train(context: click.Context, data_dir: Path, work_dir: Path) -> None:
    """Make the bundled model from the data, from the vocabulary to the ONNX file; needs didban[train]."""
    from nlp.training.train import train as run

    echo_json(run(data_dir, work_dir))


@model.command("evaluate")
@_data
@click.pass_context
def evaluate(context: click.Context, data_dir: Path) -> None:
    """Measure the model in use on the dev parts of the data."""
    from nlp.training.train import evaluate as run

    echo_json(run(_directory(context), data_dir))


@model.command("export")
@click.argument("checkpoint", type=click.Path(path_type=Path, exists=True))
@click.argument("directory", type=click.Path(path_type=Path))
@click.pass_context
def export(context: click.Context, checkpoint: Path, directory: Path) -> None:
    """Write a trained checkpoint as an ONNX model directory; needs didban[train]."""
    from nlp.training.train import export as run

    run(checkpoint, directory)


@model.command("info")
@click.pass_context
def info(context: click.Context) -> None:
    """What the model in use is."""
    from nlp.training.train import info as run

    echo_json(run(_directory(context)))


def _directory(context: click.Context) -> Path | None:
    """The model directory that the settings name; None for the bundled one."""
    named = settings_of(context).model
    return Path(named) if named else None


@click.group()
def db() -> None:
    """The database."""


@db.command("upgrade")
@click.pass_context
def upgrade(context: click.Context) -> None:
    """Bring the tables up to date; every command does so by itself."""
    with open_house(context) as house:
        click.echo(house.database.name)
