"""A source visited without a network: a saved answer goes through the real spider, its outputs come back."""

import asyncio
from dataclasses import asdict, is_dataclass
from datetime import datetime

from scrapy.http import Headers
from scrapy.responsetypes import responsetypes
from scrapy.utils.test import get_crawler

from monitor.types import FetchReport, SourceTask
from spiders import load_spiders


def make_spider(kind, task, settings=None):
    return load_spiders()[kind].from_crawler(get_crawler(settings_dict=settings or {}), tasks=[task])


def first_request(spider):
    async def take():
        return await anext(spider.start())

    return asyncio.run(take())


def answer(request, body, content_type="", status=200, **headers):
    headers = Headers({"Content-Type": content_type, **headers} if content_type else headers)
    kind = responsetypes.from_args(headers=headers, url=request.url, body=body)
    return kind(request.url, status=status, headers=headers, body=body, request=request)


def visit(kind, url, body, content_type="", options=None, **headers):
    """The values that a saved answer gives, the further requests, and the run with its tally."""
    spider = make_spider(kind, SourceTask(id=1, spider=kind, url=url, options=options or {}))
    request = first_request(spider)
    outputs = list(request.callback(answer(request, body, content_type, **headers), **request.cb_kwargs))
    values = [output for output in outputs if is_dataclass(output) and not isinstance(output, FetchReport)]
    requests = [output for output in outputs if not is_dataclass(output)]
    return values, requests, spider.runs[0]


def plain(value):
    """A value as JSON would hold it."""
    if is_dataclass(value):
        return {"type": type(value).__name__} | {key: plain(part) for key, part in asdict(value).items()}
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value.isoformat() if isinstance(value, datetime) else value
