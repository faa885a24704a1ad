"""didban backup, didban restore."""

from pathlib import Path

import click

from monitor.cli.context import settings_of

_FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@click.command()
@_FILE
@click.option("--with-key", is_flag=True, help="Put the key inside: whoever has the file can then open all of it.")
@click.pass_context
def backup(context: click.Context, file: Path, with_key: bool) -> None:
    """Write the whole database into FILE, while everything runs."""
    from monitor.backups import make_backup
    from monitor.jobs import utcnow

    make_backup(settings_of(context), file, utcnow(), with_key=with_key)
    said = "the key is inside" if with_key else "the key is not inside; keep it apart"
    # Through a pipe only the backup goes, which may be our own standard output.
    size = f"{file.stat().st_size} bytes; " if file.is_file() else ""
    click.echo(f"{file}: {size}{said}", err=not size)


@click.command()
@_FILE
@click.option("--force", is_flag=True, help="Replace the database that is there.")
@click.pass_context
def restore(context: click.Context, file: Path, force: bool) -> None:
    """Bring back what FILE holds, and its tables up to date."""
    from monitor.backups import restore_backup

    restored = restore_backup(settings_of(context), file, force=force)
    click.echo(f"restored, as it was at {restored.made_at}")
    if not restored.key_fits:
        click.echo(
            "didban: it was kept under another key: addresses, channels and the secrets of sources cannot be opened "
            "until secret_key, or secret.key in data_dir, is the old one",
            err=True,
        )
        context.exit(1)
