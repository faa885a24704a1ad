"""didban erase."""

import click

from monitor.cli.context import open_house


@click.command()
@click.option("--subscriber", required=True, metavar="ADDRESS", help="The e-mail address of a person who left.")
@click.pass_context
def erase(context: click.Context, subscriber: str) -> None:
    """Forget one person: address, words, follow-ups, raw calls. Counts and "do not contact" stay, under a hash."""
    from monitor import jobs
    from monitor.erasure import erase_subscriber
    from monitor.sealing import Seal

    with open_house(context) as house:
        # What waits to be read names people too; it is read first, so that nothing of it is lost or left.
        jobs.read_calls(house.settings, house.database)
        with house.database.write(durable=True) as session:
            count = erase_subscriber(session, Seal(house.settings.key()), subscriber, jobs.utcnow())
    click.echo(f"erased; {count} leavings stay as counts")
