"""A web of many hosts on loopback, in a process of its own: ``python -m tests.benchmarks.feed_server FEEDS ENTRIES``.

Each host is an address of its own (127.1.x.y), with a robots.txt and one feed that answers 304 when it is known. Each
line on stdin is answered with the counts since the last one, as JSON: requests for feeds, the conditional among them,
answers with 304, requests for anything else.
"""

import asyncio
import json
import random
import sys
from collections import Counter

WORDS = (
    "قیمت ارسال مشتری سفارش تاخیر بازار تهران شهر مدیرعامل گزارش کاربران شبکه خدمات پشتیبانی بازگشت پول محصول کیفیت "
    "شکایت دادگاه قرارداد سرمایه سهام بورس افزایش کاهش کارخانه تولید واردات صادرات دلار نرخ قانون مجلس دولت وزارت"
).split()
BRANDS = ("آرال", "سپیدار")
MODIFIED = "Sat, 07 Oct 2023 09:00:00 GMT"
_ROBOTS = b"User-agent: *\nDisallow: /private/\nAllow: /\n"


def host(number):
    """The address of host ``number``, from 0."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


def feed(number, entries):
    chance = random.Random(number)
    items = "".join(_item(number, entry, chance) for entry in range(entries))
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>خبرها {number}</title><link>http://{host(number)}/</link><description>خبر</description>"
        f"<lastBuildDate>{MODIFIED}</lastBuildDate>{items}</channel></rss>"
    ).encode()


def _item(number, entry, chance):
    words = " ".join(chance.choices(WORDS, k=60))
    return (
        f"<item><title>{chance.choice(BRANDS)} و {' '.join(chance.choices(WORDS, k=8))}</title>"
        f'<link>http://{host(number)}/news/{entry}</link><guid isPermaLink="false">{number}-{entry}</guid>'
        f"<pubDate>Sat, 07 Oct 2023 08:{entry % 60:02d}:00 +0330</pubDate><category>خبر</category>"
        f'<description><![CDATA[<p>{words}</p><p><a href="/news/{entry}">ادامه</a></p>]]></description></item>'
    )


class _Web(asyncio.Protocol):
    def __init__(self, feeds, counts):
        self.feeds, self.counts = feeds, counts

    def connection_made(self, transport):
        self.transport, self.waiting = transport, b""
        self.feed = self.feeds[transport.get_extra_info("sockname")[0]]

    def data_received(self, data):
        self.waiting += data
        while b"\r\n\r\n" in self.waiting:
            request, _, self.waiting = self.waiting.partition(b"\r\n\r\n")
            self.transport.write(self.answer(request.lower()))

    def answer(self, request):
        path = request.split(b" ", 2)[1]
        if path != b"/feed":
            self.counts["other"] += 1
            return _answer(b"200 OK", _ROBOTS, b"text/plain")
        self.counts["feeds"] += 1
        if b"if-none-match:" not in request:
            return _answer(b"200 OK", self.feed, b"application/rss+xml; charset=utf-8")
        self.counts["conditional"] += 1
        self.counts["unchanged"] += 1
        return b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n'


def _answer(status, body, kind):
    head = b'HTTP/1.1 %b\r\nContent-Type: %b\r\nContent-Length: %d\r\nETag: "v1"\r\nLast-Modified: %b\r\n\r\n'
    return head % (status, kind, len(body), MODIFIED.encode()) + body


async def _serve(feeds, entries):
    texts = {host(number): feed(number, entries) for number in range(feeds)}
    counts = Counter()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Web(texts, counts), "0.0.0.0", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(counts), flush=True)
        counts.clear()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
