"""didban channel."""

import click

from monitor.cli.context import open_house


@click.group()
def channel() -> None:
    """Where alerts go: e-mail, Telegram, Slack, SMS and all else that Apprise knows."""


@channel.command("add")
@click.argument("name")
@click.option(
    "--address",
    prompt="Apprise address",
    hide_input=True,
    help="Such as mailto://user:password@host?to=you; better typed at the prompt, where no history keeps it.",
)
@click.option("--language", type=click.Choice(["fa", "en"]), help="Language of its messages.")
@click.pass_context
def add(context: click.Context, name: str, address: str, language: str | None) -> None:
    """Keep an address under NAME, encrypted."""
    from monitor.channels import add_channel
    from monitor.jobs import utcnow
    from monitor.sealing import Seal

    with open_house(context) as house, house.database.write() as session:
        seal = Seal(house.settings.key())
        add_channel(session, seal, name, address, language or house.settings.language, utcnow())


@channel.command("list")
@click.pass_context
def list_(context: click.Context) -> None:
    """All channels, without their addresses."""
    from monitor.channels import find_channels

    with open_house(context) as house, house.database.read() as session:
        for each in find_channels(session):
            click.echo(f"{each.name}\t{each.language}\t{'on' if each.enabled else 'off'}")


@channel.command("test")
@click.argument("name")
@click.pass_context
def test(context: click.Context, name: str) -> None:
    """Send one short message."""
    from monitor.channels import get_channel
    from monitor.deliveries import AppriseSender
    from monitor.sealing import Seal

    with open_house(context) as house, house.database.read() as session:
        found = get_channel(session, name)
    words = "دیدبان: این کانال کار می‌کند." if found.language == "fa" else "Didban: this channel works."
    AppriseSender().send(Seal(house.settings.key()).open(found.address), words, words, f"<p dir=auto>{words}</p>")
    click.echo("accepted")


@channel.command("remove")
@click.argument("name")
@click.pass_context
def remove(context: click.Context, name: str) -> None:
    """Forget a channel and what waits for it."""
    from monitor.channels import remove_channel

    with open_house(context) as house, house.database.write() as session:
        remove_channel(session, name)
