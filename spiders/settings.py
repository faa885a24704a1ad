"""Scrapy settings: a named bot, robots obeyed, slow. What an owner can set comes from :mod:`monitor.config`."""

from typing import Any

from scrapy.settings import Settings as ScrapySettings

from monitor import __version__
from monitor.config import Settings, load_settings

BOT_NAME = "didban"
SPIDER_MODULES = ["spiders"]
NEWSPIDER_MODULE = "spiders"

ROBOTSTXT_OBEY = True
# Of different hosts, most of which wait for their delay: a slow one holds up nobody else.
CONCURRENT_REQUESTS = 128
CONCURRENT_REQUESTS_PER_DOMAIN = 1
# One at a time over all crawlers of a process, of which each kind of source has one.
DOWNLOADER = "spiders.turns.PoliteDownloader"
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_MAX_DELAY = 30.0
COOKIES_ENABLED = False
TELNETCONSOLE_ENABLED = False
# A server inside the crawler that runs whatever code it is sent.
EXTENSIONS = {"scrapy.extensions.remote_control.RemoteControl": None}
# A proxy would look names up for us, where the address guard cannot see what they resolve to.
HTTPPROXY_ENABLED = False
METAREFRESH_ENABLED = False
DOWNLOADER_STATS = False
# It reads the source of a callback at every request.
WARN_ON_GENERATOR_RETURN_VALUE = False
REDIRECT_MAX_TIMES = 5
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_HANDLERS = {"data": None, "file": None, "ftp": None, "s3": None}
TWISTED_DNS_RESOLVER = "spiders.addresses.GuardedResolver"

# Once more after a hiccup; anything longer is the business of the source's remembered back-off, and what a site
# says with 429 or 503 is that we come too often.
RETRY_TIMES = 1
RETRY_HTTP_CODES = [500, 502, 504, 522, 524]
RETRY_EXCEPTIONS = ["scrapy.exceptions.DownloadFailedError", "scrapy.exceptions.ResponseDataLossError"]
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"

# A source's values and then its report reach the pipeline in that order.
CONCURRENT_ITEMS = 1
DOWNLOADER_MIDDLEWARES = {
    # Nothing here has a domain to stay in or a password to send.
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "spiders.middlewares.AddressGuard": 50,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "spiders.robots.ObeyRobots": 100,
    "spiders.middlewares.ConditionalGet": 650,
}
SPIDER_MIDDLEWARES = {
    # How far to go is said by each kind of source.
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    # What it drops would leave its source waiting for ever.
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
}
ITEM_PIPELINES = {"spiders.pipelines.SavePipeline": 300}

LOG_LEVEL = "WARNING"
LOG_FORMAT = "%(levelname)s: %(message)s"
FEED_EXPORT_ENCODING = "utf-8"


def owner_settings(settings: Settings) -> dict[str, Any]:
    """Scrapy's names for what the owner has set."""
    contact = f" (+{settings.contact})" if settings.contact else ""
    return {
        "USER_AGENT": f"Didban/{__version__}{contact}",
        "DOWNLOAD_DELAY": settings.download_delay,
        "AUTOTHROTTLE_START_DELAY": settings.download_delay,
        "DOWNLOAD_TIMEOUT": settings.download_timeout,
        "DOWNLOAD_MAXSIZE": settings.download_max_size,
        "ALLOWED_HOSTS": list(settings.allowed_hosts),
    }


def scrapy_settings(settings: Settings) -> ScrapySettings:
    """This module with the values of ``settings`` in place of those the ``scrapy`` command finds itself."""
    scrapy = ScrapySettings()
    scrapy.setmodule(__name__)
    scrapy.setdict(owner_settings(settings), priority="project")
    return scrapy


# The scrapy command reads this module only, so the owner's settings have to be here when it does.
globals().update(owner_settings(load_settings()))
