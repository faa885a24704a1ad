"""The comments under a video, or under all of a channel, for somebody with a key to YouTube's interface."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from w3lib.url import add_or_replace_parameter

from monitor.errors import FetchError, ParseError
from monitor.types import Kind, MentionData, SourceState
from spiders.answers import part, read_json, records, string, words
from spiders.base import SourceSpider
from spiders.dates import parse_date
from spiders.failures import Trouble
from spiders.runs import Ask, Run, Value

_COMMENTS = "https://www.googleapis.com/youtube/v3/commentThreads"
_VIDEO = re.compile(r"(?:[?&]v=|youtu\.be/|/shorts/)([\w-]{11})")
_TEXT = "snippet.topLevelComment.snippet.textDisplay"
_CHANNEL = re.compile(r"/channel/(UC[\w-]{22})")


class YouTubeSpider(SourceSpider):
    """The source's address is a video's, or a channel's with its ``UC…`` name; option ``api_key``."""

    name = "youtube"
    needs = ("api_key",)

    def first_ask(self, run: Run) -> Ask:
        video, channel = _VIDEO.search(run.url), _CHANNEL.search(run.url)
        if not video and not channel:
            raise ParseError("neither a video nor a channel (https://www.youtube.com/channel/UC…)", run.url)
        place = {"videoId": video[1]} if video else {"allThreadsRelatedToChannelId": channel[1]} if channel else {}
        asked = {"part": "snippet,replies", "order": "time", "maxResults": 100, "textFormat": "plainText", **place}
        return self._ask(run, f"{_COMMENTS}?{urlencode(asked)}")

    def _ask(self, run: Run, url: str) -> Ask:
        return Ask(url, headers={"X-Goog-Api-Key": run.option("api_key")}, redirects=False)

    def explain(self, error: BaseException, request: Request) -> Trouble:
        if isinstance(error, HttpError) and b"commentsDisabled" in error.response.body:
            return Trouble(SourceState.NO_PREVIEW, str(FetchError("comments are switched off", request.url)))
        return super().explain(error, request)

    def parse_source(self, response: Response, run: Run) -> Iterator[Value | Request]:
        answer = read_json(response)
        for thread in records(response, part(answer, "items"), run, _TEXT):
            video = string(thread, "snippet.videoId")
            replies = part(thread, "replies.comments")
            for comment in (part(thread, "snippet.topLevelComment"), *(replies if isinstance(replies, list) else ())):
                yield from _comment(comment, video, run)
        if token := string(answer, "nextPageToken"):
            yield from self.follow_page(run, self._ask(run, add_or_replace_parameter(response.url, "pageToken", token)))


def _comment(comment: Any, video: str, run: Run) -> Iterator[MentionData]:
    identifier, text = string(comment, "id"), words(comment, "snippet.textDisplay")
    if not identifier or not text:
        run.warn(f"comment {identifier or '?'} left out, it has no name or no text")
        return
    video = string(comment, "snippet.videoId") or video
    yield MentionData(
        kind=Kind.COMMENT,
        url=f"https://www.youtube.com/watch?v={video}&lc={identifier}",
        text=text,
        external_id=identifier,
        author=string(comment, "snippet.authorDisplayName"),
        published_at=parse_date(string(comment, "snippet.publishedAt")),
        source_id=run.source_id,
    )
