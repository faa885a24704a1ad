"""The web in, :mod:`monitor.types` out: a Scrapy project.

A kind of source is one file with one :class:`spiders.base.SourceSpider`; Scrapy finds it, nothing lists it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spiders.base import SourceSpider


def load_spiders() -> "dict[str, type[SourceSpider]]":
    """Every kind of source by its name, as Scrapy's own loader finds them."""
    from scrapy.settings import Settings
    from scrapy.spiderloader import SpiderLoader

    from spiders.base import SourceSpider

    loader = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["spiders"]}))
    found = {name: loader.load(name) for name in sorted(loader.list())}
    return {name: spider for name, spider in found.items() if issubclass(spider, SourceSpider)}
