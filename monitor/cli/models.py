"""didban model, didban db."""

from pathlib import Path

import click

from monitor.cli.context import echo_json, open_house, settings_of

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_HELP = "Folder of the training data; docs/model.md says what it holds."
_data = click.option("--data", "data_dir", type=_FOLDER, required=True, help=_HELP)
_data_or_none = click.option("--data", "data_dir", type=_FOLDER, help=_HELP)


@click.group()
def model() -> None:
    """The model that labels."""


@model.command("train")
@_data_or_none
@click.option(
    "--work", "work_dir", type=click.Path(path_type=Path), default=Path("training"), help="Folder of checkpoints."
)
@click.option("--go-on", is_flag=True, help="Begin with the weights that ship; only the last round of stages is run.")
@click.option("--with-corrections", is_flag=True, help="Teach the model in use what people have corrected.")
@click.pass_context
def train(context: click.Context, data_dir: Path | None, work_dir: Path, go_on: bool, with_corrections: bool) -> None:
    """Make the bundled model from the data, from the vocabulary to the ONNX file; needs didban[train].

    With corrections it takes seconds and no data; the result is kept only where it does no harm.
    """
    if with_corrections == (data_dir is not None):
        raise click.UsageError("give either --data or --with-corrections")
    if data_dir is None:
        _learn(context)
        return
    from nlp.model import BUNDLED
    from nlp.training.train import train as run

    echo_json(run(data_dir, work_dir, begin=BUNDLED if go_on else None))


@model.command("tables")
@_data
def tables(data_dir: Path) -> None:
    """Make anew the words by which languages are told apart and Finglish is read; training reads texts by them."""
    from nlp.training.finglish import build_tables
    from nlp.training.language_table import build_table

    echo_json({"latin.tsv": build_table(data_dir), **build_tables(data_dir)})


def _learn(context: click.Context) -> None:
    from monitor.brands import find_brands
    from monitor.mentions import find_corrected
    from monitor.scoring import text_of
    from monitor.types import Label
    from nlp.corrections import Correction, learn

    with open_house(context) as house:
        with house.database.read() as session:
            corrections = [Correction(text_of(each), Label(each.label)) for each in find_corrected(session)]
            names = [name for brand in find_brands(session) for name in (brand.name, *brand.aliases)]
        folder = house.settings.data_dir / "model"
    outcome = learn(corrections, folder, _directory(context), names)
    click.echo(f"corrected texts right: {outcome.learnt_before:.0%} before, {outcome.learnt_after:.0%} after")
    click.echo(f"sample right: {outcome.sample_before:.1%} before, {outcome.sample_after:.1%} after")
    if not outcome.accepted:
        click.echo("not kept: no change was found that helps and does no harm elsewhere")
        context.exit(1)
    click.echo(f"kept; to use it: DIDBAN_MODEL={folder}")


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
def export(checkpoint: Path, directory: Path) -> None:
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
