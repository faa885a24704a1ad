"""``python -m monitor`` is ``didban``."""

from monitor.cli import main

main()
