"""How far a long command is."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def counting(what: str, hidden: bool = False) -> Iterator[Callable[[int], None]]:
    """Gives what is to be told how many more are done; a terminal shows the sum in a bar on standard error."""
    if hidden or not sys.stderr.isatty():
        yield lambda count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # What a command prints goes where it went, not to the bar.
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as progress:
        task = progress.add_task(what, total=None)
        yield lambda count: progress.advance(task, count)
