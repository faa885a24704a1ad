"""didban token."""

from typing import Any

import click

from monitor.cli.context import ROW_ID, as_json, echo_json, open_house
from monitor.types import Scope

_SCOPES = [scope.value for scope in Scope]


@click.group()
def token() -> None:
    """What programs show to the API instead of a login."""


@token.command("add")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(_SCOPES),
    multiple=True,
    default=("read",),
    show_default=True,
    help="What it lets a program do; may be given again.",
)
@click.option("--days", type=click.IntRange(1, 3650), help="How long it is good; without an end if not given.")
@click.pass_context
def add(context: click.Context, name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """A new token; its secret is printed once and kept nowhere."""
    from monitor.jobs import utcnow
    from monitor.tokens import add_token

    with open_house(context) as house, house.database.write() as session:
        _, secret = add_token(session, name, map(Scope, scopes), utcnow(), days=days)
    click.echo(secret)


@token.command("list")
@as_json
@click.pass_context
def show(context: click.Context, as_json: bool) -> None:
    """Every token: number, first letters, name, scopes, last use."""
    from monitor.jobs import utcnow
    from monitor.tokens import find_tokens, is_good

    with open_house(context) as house, house.database.read() as session:
        rows: list[dict[str, Any]] = [
            {
                "id": each.id,
                "prefix": each.prefix,
                "name": each.name,
                "scopes": each.scopes,
                "good": is_good(each, utcnow()),
                "created_by": each.created_by,
                "created_at": each.created_at.isoformat(),
                "last_used_at": each.last_used_at.isoformat() if each.last_used_at else None,
                "expires_at": each.expires_at.isoformat() if each.expires_at else None,
                "revoked_at": each.revoked_at.isoformat() if each.revoked_at else None,
            }
            for each in find_tokens(session)
        ]
    if as_json:
        echo_json(rows)
        return
    for row in rows:
        state = f"last used {row['last_used_at'] or 'never'}" if row["good"] else "no longer good"
        click.echo(f"{row['id']} {row['prefix']}… {row['name']} ({', '.join(row['scopes'])}); {state}")


@token.command("revoke")
@click.argument("token_id", type=ROW_ID, metavar="ID")
@click.pass_context
def revoke(context: click.Context, token_id: int) -> None:
    """Let a token open nothing from now on."""
    from monitor.jobs import utcnow
    from monitor.tokens import revoke_token

    with open_house(context) as house, house.database.write() as session:
        click.echo(f"{revoke_token(session, token_id, utcnow()).name} is revoked")
