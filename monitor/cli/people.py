"""didban person."""

import sys

import click

from monitor.cli.context import as_json, echo_json, open_house
from monitor.types import Role

_role = click.Choice([role.value for role in Role])


@click.group()
def person() -> None:
    """People who may log in to the dashboard."""


@person.command("add")
@click.argument("email")
@click.option("--name", help="Shown to the others; the part before the @ without it.")
@click.option("--role", type=_role, default=Role.VIEWER.value, show_default=True, help="What they may do.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input instead of asking.")
@click.pass_context
def add(context: click.Context, email: str, name: str | None, role: str, password_stdin: bool) -> None:
    """Let somebody in. The password is asked for, and kept as a hash only."""
    from monitor.jobs import utcnow
    from monitor.people import add_person

    if password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    with open_house(context) as house, house.database.write(durable=True) as session:
        add_person(session, email, name or email.partition("@")[0], Role(role), password, utcnow())


@person.command("list")
@as_json
@click.pass_context
def list_(context: click.Context, as_json: bool) -> None:
    """Everybody, with what they may do."""
    from monitor.people import find_people

    with open_house(context) as house, house.database.read() as session:
        people = [
            {
                "email": each.email,
                "name": each.name,
                "role": each.role,
                "second_factor": bool(each.totp_secret),
                "disabled": each.disabled_at is not None,
            }
            for each in find_people(session)
        ]
    if as_json:
        echo_json(people)
    for each in [] if as_json else people:
        marks = ["two factors"] * bool(each["second_factor"]) + ["disabled"] * bool(each["disabled"])
        click.echo("\t".join([str(each["role"]), str(each["email"]), str(each["name"]), *marks]))


@person.command("role")
@click.argument("email")
@click.argument("role", type=_role)
@click.pass_context
def role(context: click.Context, email: str, role: str) -> None:
    """Change what somebody may do, from their next page on."""
    from monitor.people import get_person, set_role

    with open_house(context) as house, house.database.write(durable=True) as session:
        set_role(session, get_person(session, email), Role(role))


@person.command("disable")
@click.argument("email")
@click.pass_context
def disable(context: click.Context, email: str) -> None:
    """Shut somebody out at once; what they did keeps their name."""
    from monitor.jobs import utcnow
    from monitor.people import disable, get_person

    with open_house(context) as house, house.database.write(durable=True) as session:
        disable(session, get_person(session, email), utcnow())


@person.command("enable")
@click.argument("email")
@click.pass_context
def enable(context: click.Context, email: str) -> None:
    """Let somebody in again, with the password they had."""
    from monitor.people import enable, get_person

    with open_house(context) as house, house.database.write(durable=True) as session:
        enable(get_person(session, email))


@person.command("reset-password")
@click.argument("email")
@click.option("--no-second-factor", is_flag=True, help="Ask for no code any more: for a lost phone.")
@click.pass_context
def reset_password(context: click.Context, email: str, no_second_factor: bool) -> None:
    """Print a link by which somebody sets a new password; it works once, for a week."""
    from monitor.factors import turn_off
    from monitor.invitations import invite_back
    from monitor.jobs import utcnow
    from monitor.people import get_person

    with open_house(context) as house, house.database.write(durable=True) as session:
        found = get_person(session, email)
        if no_second_factor:
            turn_off(found)
        token = invite_back(session, found, utcnow())
        address = house.settings.public_url.rstrip("/") or f"http://127.0.0.1:{house.settings.port}"
    click.echo(f"{address}/invitation/{token}")
