"""didban erase."""

import click

from monitor.cli.context import House, open_house


@click.command()
@click.option("--subscriber", metavar="ADDRESS", help="The e-mail address of a person who left.")
@click.option("--author", metavar="NAME", help="Who wrote reviews, posts or comments, as the name is written there.")
@click.pass_context
def erase(context: click.Context, subscriber: str | None, author: str | None) -> None:
    """Forget one person: somebody who left a list, or somebody who wrote about a brand."""
    if (subscriber is None) == (author is None):
        raise click.UsageError("say whom to forget: --subscriber ADDRESS or --author NAME")
    with open_house(context) as house:
        click.echo(
            _erase_subscriber(house, subscriber) if subscriber is not None else _erase_author(house, author or "")
        )


def _erase_subscriber(house: House, address: str) -> str:
    from monitor import jobs
    from monitor.erasure import erase_subscriber
    from monitor.sealing import Seal

    # What waits to be read names people too; it is read first, so that nothing of it is lost or left.
    jobs.read_calls(house.settings, house.database)
    with house.database.write(durable=True) as session:
        count = erase_subscriber(session, Seal(house.settings.key()), address, jobs.utcnow())
    return f"erased; {count} leavings stay as counts"


def _erase_author(house: House, name: str) -> str:
    from monitor.erasure import erase_author
    from monitor.jobs import utcnow

    with house.database.write(durable=True) as session:
        erased = erase_author(session, name, utcnow())
    return f"erased; {erased.posts} posts are gone, {erased.pages} articles stay without the name"
