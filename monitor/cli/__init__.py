"""The command line: one file a noun. Everything heavy is imported inside the commands that use it."""

import sys
from pathlib import Path

import click

from monitor import __version__
from monitor.cli import (
    backups,
    brands,
    channels,
    demo,
    digests,
    erase,
    exports,
    imports,
    labels,
    models,
    people,
    rules,
    run,
    sources,
    steps,
    stories,
    tokens,
    unsubscribes,
)
from monitor.errors import (
    ApiTokenError,
    AuthorError,
    BrandError,
    ConfigError,
    FileError,
    HookError,
    ImportFileError,
    MailerError,
    MentionNotFoundError,
    ModelError,
    MonitorError,
    PersonError,
    RuleError,
    SourceExistsError,
    SourceNotFoundError,
    SubscriberNotFoundError,
)

# The caller can mend these by calling again, corrected.
_WRONG_USE = (
    ApiTokenError,
    AuthorError,
    BrandError,
    ConfigError,
    FileError,
    ImportFileError,
    MentionNotFoundError,
    ModelError,
    PersonError,
    RuleError,
    SourceExistsError,
    SourceNotFoundError,
    SubscriberNotFoundError,
    HookError,
    MailerError,
)


@click.group()
@click.version_option(__version__, package_name="didban")
@click.option("--config", type=click.Path(path_type=Path), help="Settings file instead of ./didban.toml.")
@click.pass_context
def cli(context: click.Context, config: Path | None) -> None:
    """What is said about your brand, what it costs you, and why people leave."""
    context.obj = config


for command in (
    demo.demo,
    run.run,
    run.serve,
    run.worker,
    brands.watch,
    brands.brand,
    people.person,
    sources.source,
    stories.story,
    rules.rule,
    channels.channel,
    digests.digest,
    steps.collect,
    steps.score,
    steps.decide,
    steps.deliver,
    labels.label,
    steps.status,
    imports.import_,
    exports.export,
    unsubscribes.unsubscribes,
    erase.erase,
    tokens.token,
    models.model,
    models.db,
    backups.backup,
    backups.restore,
):
    cli.add_command(command)


def main() -> None:
    """The console script: an error is one line on standard error."""
    try:
        # Outside standalone mode click gives back the status of context.exit() and a command's None.
        sys.exit(cli.main(standalone_mode=False))
    except click.ClickException as e:
        e.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except MonitorError as e:
        click.echo(f"didban: {e}", err=True)
        sys.exit(2 if isinstance(e, _WRONG_USE) else 1)
