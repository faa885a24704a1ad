"""didban unsubscribes mailer."""

import click

from monitor.cli.context import ROW_ID, as_json, echo_json, open_house


@click.group("mailer")
def mailer() -> None:
    """Newsletter services that are told whom our own page took off."""


@mailer.command("add")
@click.argument("kind")
@click.option("--brand", "brand_name", help="Whose list it is; needed when several brands are watched.")
@click.option("--list", "list_name", default="", help="Only of this list of ours; without, of every one.")
@click.option("--url", default="", help="The service's address, where it is your own.")
@click.option("--remote-list", default="", help="The list as the service calls it.")
@click.pass_context
def add(context: click.Context, kind: str, brand_name: str | None, list_name: str, url: str, remote_list: str) -> None:
    """Tell KIND (brevo, listmonk, mailchimp, webhook) from now on; its key is asked for."""
    from monitor.brands import only_brand
    from monitor.jobs import utcnow
    from monitor.mailers import add_mailer
    from monitor.sealing import Seal
    from monitor.services import Place, get_service

    get_service(kind)
    with open_house(context) as house:
        # Not as an argument: those end up in the shell's history.
        key = click.prompt("key", hide_input=True, err=True)
        with house.database.write() as session:
            brand, seal = only_brand(session, brand_name), Seal(house.settings.key())
            place = Place(url, remote_list, key)
            made = add_mailer(session, seal, brand.id, kind, place, utcnow(), list_name=list_name)
            click.echo(f"{made.id} {made.kind} {made.url}")


@mailer.command("list")
@as_json
@click.pass_context
def show(context: click.Context, as_json: bool) -> None:
    """Every service, and how much it has been told."""
    from monitor.mailers import count_calls, find_mailers, last_errors
    from monitor.types import DeliveryState

    with open_house(context) as house, house.database.read() as session:
        counts, errors = count_calls(session), last_errors(session)
        rows = [
            {
                "id": each.id,
                "brand": each.brand.name,
                "kind": each.kind,
                "url": each.url,
                "remote_list": each.remote_list,
                "list": each.list_name,
                "enabled": each.enabled,
                **{state: counts.get((each.id, state), 0) for state in DeliveryState},
                "error": errors.get(each.id, ""),
            }
            for each in find_mailers(session)
        ]
    if as_json:
        echo_json(rows)
        return
    for row in rows:
        told = f"{row['sent']} told, {row['waiting']} waiting, {row['failed']} given up"
        click.echo(f"{row['id']} {row['brand']} {row['kind']} {row['url']} {row['remote_list']}: {told}")
        if row["error"]:
            click.echo(f"  {row['error']}")


@mailer.command("retry")
@click.argument("mailer_id", type=ROW_ID, metavar="ID")
@click.pass_context
def retry(context: click.Context, mailer_id: int) -> None:
    """Let what was given up wait again, as after the key was put right."""
    from monitor.jobs import utcnow
    from monitor.mailers import retry_failed
    from monitor.sealing import Seal

    with open_house(context) as house, house.database.write() as session:
        click.echo(f"{retry_failed(session, Seal(house.settings.key()), mailer_id, utcnow())} wait again")


@mailer.command("edit")
@click.argument("mailer_id", type=ROW_ID, metavar="ID")
@click.option("--on/--off", "enabled", default=None, help="Tell it, or keep what waits back.")
@click.option("--key", "ask_key", is_flag=True, help="Ask for a new key.")
@click.pass_context
def edit(context: click.Context, mailer_id: int, enabled: bool | None, ask_key: bool) -> None:
    """Change what is given; the rest stays."""
    from monitor.mailers import edit_mailer
    from monitor.sealing import Seal

    with open_house(context) as house, house.database.write() as session:
        key = click.prompt("key", hide_input=True, err=True) if ask_key else None
        edit_mailer(session, Seal(house.settings.key()), mailer_id, enabled=enabled, key=key)


@mailer.command("remove")
@click.argument("mailer_id", type=ROW_ID, metavar="ID")
@click.pass_context
def remove(context: click.Context, mailer_id: int) -> None:
    """Tell it nothing any more, not even what waits."""
    from monitor.mailers import remove_mailer

    with open_house(context) as house, house.database.write() as session:
        remove_mailer(session, mailer_id)
