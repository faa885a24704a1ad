"""didban digest."""

from pathlib import Path

import click

from monitor.cli.context import as_json, echo_json, open_house
from monitor.types import Period


@click.command()
@click.option("--brand", "brand_name", help="Needed when several brands are watched.")
@click.option(
    "--period",
    type=click.Choice([period.value for period in Period]),
    default="week",
    show_default=True,
    help="What it sums up.",
)
@click.option("--language", type=click.Choice(["fa", "en"]), help="Instead of the setting.")
@click.option("--send", is_flag=True, help="Send it to every channel that is on, though it went out already.")
@click.option("--html", "html", type=click.Path(path_type=Path), help="Write a page to print to this file.")
@click.option("--pdf", "pdf", type=click.Path(path_type=Path), help="Write a PDF to this file.")
@as_json
@click.pass_context
def digest(
    context: click.Context,
    brand_name: str | None,
    period: str,
    language: str | None,
    send: bool,
    html: Path | None,
    pdf: Path | None,
    as_json: bool,
) -> None:
    """What a brand's last whole day or week was."""
    from monitor import jobs
    from monitor.brands import only_brand
    from monitor.digest_pages import digest_data, digest_document
    from monitor.digests import digest_facts, last_span, write_digests
    from monitor.documents import as_mail, as_text
    from monitor.printing import as_pdf

    now, wanted = jobs.utcnow(), Period(period)
    with open_house(context) as house:
        settings = house.settings
        language = language or settings.language
        with house.database.read() as session:
            brand = only_brand(session, brand_name)
            span = last_span(wanted, now, settings.zone, language)
            facts = digest_facts(session, brand, span, settings, now)
        document = digest_document(brand.name, facts, language)
        # Before anything is sent: a file that cannot be written is tried again, a message cannot be taken back.
        if html is not None:
            _write(html, as_mail(document, printable=True).encode())
        if pdf is not None:
            _write(pdf, as_pdf(document, now))
        if send:
            with house.database.write() as session:
                write_digests(session, brand.id, wanted, settings, now, again=True)
        outcome = jobs.deliver(settings, house.database) if send else None
    if as_json:
        echo_json(digest_data(brand.name, facts, document))
    elif outcome is not None:
        click.echo(f"{outcome.sent} sent")
    elif html is None and pdf is None:
        click.echo(as_text(document), nl=False)
    for error in outcome.errors if outcome is not None else ():
        click.echo(f"didban: {error}", err=True)
    context.exit(1 if outcome is not None and outcome.errors else 0)


def _write(path: Path, content: bytes) -> None:
    from monitor.errors import FileError

    try:
        path.write_bytes(content)
    except OSError as e:
        raise FileError("cannot write file", str(path)) from e
