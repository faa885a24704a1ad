"""A web of many hosts on loopback, in a process of its own: ``python -m tests.benchmarks.many_hosts HOSTS WHAT``.

Each host is an address of its own (127.1.x.y), with a robots.txt and, as WHAT says, ``feeds`` (one, which answers 304
when it is known) or ``pages`` (a product whose reviews fill some). Each line on stdin is answered with the counts since
the last one, as JSON: requests for feeds, the conditional among them, answers with 304, pages, anything else.
"""

import asyncio
import json
import random
import sys
from collections import Counter
from functools import cache

WORDS = (
    "قیمت ارسال مشتری سفارش تاخیر بازار تهران شهر مدیرعامل گزارش کاربران شبکه خدمات پشتیبانی بازگشت پول محصول کیفیت "
    "شکایت دادگاه قرارداد سرمایه سهام بورس افزایش کاهش کارخانه تولید واردات صادرات دلار نرخ قانون مجلس دولت وزارت"
).split()
BRANDS = ("آرال", "سپیدار")
ENTRIES, PAGES, REVIEWS = 20, 20, 5
MODIFIED = "Sat, 07 Oct 2023 09:00:00 GMT"
_ROBOTS = b"User-agent: *\nDisallow: /private/\nAllow: /\n"


def host(number):
    """The address of host ``number``, from 0."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


def feed(number):
    chance = random.Random(number)
    items = "".join(_item(number, entry, chance) for entry in range(ENTRIES))
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


def page(number, place):
    """A page of reviews of one product, as shops write them; the last leads nowhere."""
    chance = random.Random(number * PAGES + place)
    reviews = [
        {
            "@type": "Review",
            "author": {"@type": "Person", "name": f"{chance.choice(WORDS)} {each}"},
            "datePublished": f"2023-10-{each + 1:02d}",
            "reviewBody": f"{' '.join(chance.choices(WORDS, k=25))} {number}-{place}-{each}",
            "reviewRating": {"@type": "Rating", "ratingValue": chance.randint(1, 5), "bestRating": 5},
        }
        for each in range(REVIEWS)
    ]
    rating = {"@type": "AggregateRating", "ratingValue": 4.1, "reviewCount": PAGES * REVIEWS}
    product = {"@context": "https://schema.org", "@type": "Product", "aggregateRating": rating, "review": reviews}
    following = f'<link rel="next" href="/reviews?page={place + 1}">' if place < PAGES else ""
    shown = "".join(f"<div class='review'><p>{each['reviewBody']}</p></div>" for each in reviews)
    return (
        f"<!doctype html><html lang=fa><head><meta charset=utf-8><title>آرال</title>{following}"
        f'<script type="application/ld+json">{json.dumps(product, ensure_ascii=False)}</script></head>'
        f"<body><nav><a href=/>خانه</a></nav><main><h1>آرال</h1>{shown}</main></body></html>"
    ).encode()


class _Web(asyncio.Protocol):
    def __init__(self, contents, counts):
        self.contents, self.counts = contents, counts

    def connection_made(self, transport):
        self.transport, self.waiting = transport, b""
        self.number = self.contents.index[transport.get_extra_info("sockname")[0]]

    def data_received(self, data):
        self.waiting += data
        while b"\r\n\r\n" in self.waiting:
            request, _, self.waiting = self.waiting.partition(b"\r\n\r\n")
            self.transport.write(self.answer(request.lower()))

    def answer(self, request):
        path = request.split(b" ", 2)[1]
        if path.startswith(b"/reviews"):
            self.counts["pages"] += 1
            return _answer(
                self.contents.page(self.number, int(path.partition(b"=")[2] or 1)), b"text/html; charset=utf-8"
            )
        if path != b"/feed":
            self.counts["other"] += 1
            return _answer(_ROBOTS, b"text/plain")
        self.counts["feeds"] += 1
        if b"if-none-match:" not in request:
            return _answer(self.contents.feed(self.number), b"application/rss+xml; charset=utf-8")
        self.counts["conditional"] += 1
        self.counts["unchanged"] += 1
        return b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n'


def _answer(body, kind):
    head = b'HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\nETag: "v1"\r\nLast-Modified: %b\r\n\r\n'
    return head % (kind, len(body), MODIFIED.encode()) + body


class _Contents:
    """All that is served, written once and before anything is measured."""

    def __init__(self, hosts):
        self.index = {host(number): number for number in range(hosts)}
        self.feed = cache(feed)
        self.page = cache(page)


async def _serve(hosts, what):
    contents = _Contents(hosts)
    for number in range(hosts):
        if what == "feeds":
            contents.feed(number)
        else:
            for place in range(1, PAGES + 1):
                contents.page(number, place)
    counts = Counter()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Web(contents, counts), "0.0.0.0", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(counts), flush=True)
        counts.clear()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), sys.argv[2]))
