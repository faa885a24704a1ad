"""What every visit loads, loaded once: a process that has imported this is forked for each collect.

Loading Scrapy, Twisted and the parsers takes a processor about a second, longer than visiting hundreds of feeds that
have not changed. Nothing here may start a thread, install a reactor or open anything: a fork would share it.
"""

import gc

from scrapy.settings import Settings
from scrapy.utils.misc import load_object

import spiders.collect  # noqa: F401
from spiders import load_spiders
from spiders import settings as ours

_PARTS = ("EXTENSIONS", "DOWNLOADER_MIDDLEWARES", "SPIDER_MIDDLEWARES", "ITEM_PIPELINES")


def load_parts() -> None:
    """Load what Scrapy imports by name when a crawl begins, and every kind of source."""
    settings = Settings()
    settings.setmodule(ours)
    # Those that are switched off too: Scrapy loads them to find that out.
    names = [name for part in _PARTS for name in settings.getwithbase(part)]
    for name in (ours.DOWNLOADER, *names, *filter(None, settings.getwithbase("DOWNLOAD_HANDLERS").values())):
        load_object(name)
    load_spiders()


load_parts()
# All this stays: the collector of a forked process need not look through it again and again.
gc.freeze()
