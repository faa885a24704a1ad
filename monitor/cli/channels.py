"""didban channel."""

from typing import Literal

import click

from monitor.cli.context import open_house
from monitor.types import Period


@click.group()
def channel() -> None:
    """Where alerts go: e-mail, Telegram, Slack, SMS and all else that Apprise knows."""


_language = click.option("--language", type=click.Choice(["fa", "en"]), help="Language of its messages.")
_quiet = click.option("--quiet-hours", help="Such as 22:00-07:30; what comes meanwhile is one summary afterwards.")
_zone = click.option("--time-zone", help="Of the quiet hours; the setting's without it.")
_pace = click.option("--pace", type=float, help="Least seconds between two messages.")
_digest = click.option(
    "--digest", type=click.Choice(["none", "day", "week"]), help="A summary at eight in the morning."
)


def _period(word: str | None) -> "Period | Literal[''] | None":
    return None if word is None else Period(word) if word != "none" else ""


@channel.command("add")
@click.argument("name")
@click.option(
    "--address",
    prompt="Address",
    hide_input=True,
    help="Such as mailto://user:password@host?to=you; better typed at the prompt, where no history keeps it.",
)
@_language
@_quiet
@_zone
@_pace
@_digest
@click.pass_context
def add(
    context: click.Context,
    name: str,
    address: str,
    language: str | None,
    quiet_hours: str | None,
    time_zone: str | None,
    pace: float | None,
    digest: str | None,
) -> None:
    """Keep an address under NAME, encrypted: Apprise's, bale://TOKEN/CHAT or webhook+https://:SECRET@host/path."""
    from monitor.channels import add_channel, edit_channel
    from monitor.jobs import utcnow
    from monitor.sealing import Seal

    with open_house(context) as house, house.database.write() as session:
        seal = Seal(house.settings.key())
        now = utcnow()
        added = add_channel(session, seal, name, address, language or house.settings.language, now)
        edit_channel(
            session, added, now, quiet_hours=quiet_hours, time_zone=time_zone, pace=pace, digest=_period(digest)
        )


@channel.command("edit")
@click.argument("name")
@click.option("--on/--off", "enabled", default=None, help="Whether it is told; what waits is kept.")
@_language
@_quiet
@_zone
@_pace
@_digest
@click.pass_context
def edit(
    context: click.Context,
    name: str,
    enabled: bool | None,
    language: str | None,
    quiet_hours: str | None,
    time_zone: str | None,
    pace: float | None,
    digest: str | None,
) -> None:
    """Replace what is given; the rest stays. Empty quiet hours are none."""
    from monitor.channels import edit_channel, get_channel
    from monitor.jobs import utcnow

    with open_house(context) as house, house.database.write() as session:
        edit_channel(
            session,
            get_channel(session, name),
            utcnow(),
            enabled=enabled,
            language=language,
            quiet_hours=quiet_hours,
            time_zone=time_zone,
            pace=pace,
            digest=_period(digest),
        )


@channel.command("list")
@click.pass_context
def list_(context: click.Context) -> None:
    """All channels, without their addresses."""
    from monitor.channels import find_channels

    with open_house(context) as house, house.database.read() as session:
        for each in find_channels(session):
            quiet = f"quiet {each.quiet_hours} {each.time_zone}".strip() if each.quiet_hours else ""
            click.echo("\t".join([each.name, each.language, "on" if each.enabled else "off", each.digest, quiet]))


@channel.command("test")
@click.argument("name")
@click.pass_context
def test(context: click.Context, name: str) -> None:
    """Send one short message."""
    from monitor.channels import get_channel
    from monitor.messages import render_test
    from monitor.sealing import Seal
    from monitor.senders import ChannelSender

    with open_house(context) as house, house.database.read() as session:
        found = get_channel(session, name)
    ChannelSender().send(Seal(house.settings.key()).open(found.address), render_test(found.language))
    click.echo("accepted")


@channel.command("remove")
@click.argument("name")
@click.pass_context
def remove(context: click.Context, name: str) -> None:
    """Forget a channel and what waits for it."""
    from monitor.channels import remove_channel

    with open_house(context) as house, house.database.write() as session:
        remove_channel(session, name)
