"""didban story."""

import click

from monitor.cli.context import ROW_ID, open_house


@click.group()
def story() -> None:
    """Texts that tell the same thing, put together or taken apart by hand."""


@story.command("split")
@click.argument("mention", type=ROW_ID)
@click.pass_context
def split(context: click.Context, mention: int) -> None:
    """Make MENTION a story of its own."""
    from monitor.regrouping import split_story

    with open_house(context) as house, house.database.write() as session:
        split_story(session, mention)


@story.command("merge")
@click.argument("mentions", type=ROW_ID, nargs=-1, required=True)
@click.pass_context
def merge(context: click.Context, mentions: tuple[int, ...]) -> None:
    """Make one story of those that MENTIONS belong to."""
    from monitor.regrouping import merge_stories

    if len(set(mentions)) < 2:
        raise click.UsageError("two mentions at least")
    with open_house(context) as house, house.database.write() as session:
        merge_stories(session, mentions)
