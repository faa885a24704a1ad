"""Alerts in words: Persian and English, plain text and HTML."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import urlsplit

from monitor.headings import heading
from monitor.types import Act, Message, NoticeKind, RuleKind
from monitor.wording import Words, fitting, isolated, one_line, say, shortened, words

# What one message holds of texts: a mail in bytes, so that no client cuts it off at 100 kB; a chat in letters.
_MAIL_ROOM, _CHAT_ROOM = 80_000, 16_000
_LONGEST_TITLE = 200
# From this probability on a text is surely negative.
_SURELY = 0.8
# Makes the address of an act on a mention; the act is signed into it.
LinkMaker = Callable[[Act, int], str]

_ACTS: Mapping[Act, str] = {
    Act.OPEN: say("open the case"),
    Act.HANDLED: say("mark it handled"),
    Act.NOT_NEGATIVE: say("it is not negative"),
}
_CELL = "padding:8px 16px;font-family:Vazirmatn,Tahoma,sans-serif;font-size:15px;line-height:1.8"


def render(
    kind: RuleKind | NoticeKind,
    brand: str,
    facts: Mapping[str, Any],
    language: str,
    link: LinkMaker | None = None,
) -> Message:
    """The message of an alert; ``facts`` are those :mod:`monitor.conditions` wrote, ``link`` makes its buttons."""
    w = words(language)
    lines = heading(w, kind, brand, facts)
    subject = one_line(lines[0])
    return Message(
        subject=subject,
        text=_text(w, lines, facts, link),
        html=_html(w, lines, facts, link),
        data={"kind": kind, "brand": brand, "subject": subject, "facts": dict(facts)},
    )


def render_summary(messages: Sequence[Message], language: str) -> Message:
    """What waited through quiet hours, as one message in the order in which it came."""
    w = words(language)
    subject = w.count("%(count)s alert came in quiet hours", "%(count)s alerts came in quiet hours", len(messages))
    subject %= {"count": w.number(len(messages))}
    rule = "\n" + "-" * 20 + "\n\n"
    texts = fitting((message.text for message in messages), len, _CHAT_ROOM)
    inner = fitting((_inner(message.html) for message in messages), _bytes, _MAIL_ROOM)
    rows = [f"<strong>{escape(subject)}</strong>", *inner]
    if len(inner) < len(messages):
        rows.append(escape(_left_out(w, len(messages) - len(inner))))
    if len(texts) < len(messages):
        texts.append(f"{_left_out(w, len(messages) - len(texts))}\n")
    return Message(
        subject=subject,
        text=f"{subject}\n" + rule + rule.join(texts),
        html=_document(w, rows),
        data={"kind": "summary", "subject": subject, "alerts": [message.data for message in messages]},
    )


def _left_out(w: Words, rest: int) -> str:
    line = w.count(
        "and %(count)s more alert; see the page Alerts", "and %(count)s more alerts; see the page Alerts", rest
    )
    return line % {"count": w.number(rest)}


def render_test(language: str) -> Message:
    """What a channel is tested with."""
    w = words(language)
    sentence = w.say("Didban: this channel works.")
    return Message(sentence, f"{sentence}\n", _document(w, [escape(sentence)]), {"kind": "test", "subject": sentence})


def _text(w: Words, lines: Sequence[str], facts: Mapping[str, Any], link: LinkMaker | None) -> str:
    told = fitting((_text_mention(w, mention, link) for mention in facts["mentions"]), len, _CHAT_ROOM)
    blocks = ["\n".join(lines), *told]
    if more := _more(w, facts, len(told)):
        blocks.append(more)
    return "\n\n".join(blocks) + "\n"


def _text_mention(w: Words, mention: Mapping[str, Any], link: LinkMaker | None) -> str:
    title, *rest = _found_lines(mention)
    block = [f"• {isolated(title)}", *rest, *_our_lines(w, mention), mention["url"]]
    block += [f"{w.say(name)}: {link(act, mention['id'])}" for act, name in _ACTS.items()] if link else []
    return "\n".join(block)


def _found_lines(mention: Mapping[str, Any]) -> list[str]:
    """What a text says, as it was found."""
    lines = [shortened(one_line(mention["title"] or mention["text"]), _LONGEST_TITLE)]
    if mention["title"] and mention["text"]:
        lines.append(one_line(mention["text"]))
    return lines


def _our_lines(w: Words, mention: Mapping[str, Any]) -> list[str]:
    """Why a text is told, and whether it has spread."""
    lines = [_how_bad(w, mention)]
    if mention.get("words"):
        comma = "، " if w.language == "fa" else ", "
        lines.append(w.say("Deciding words: %(words)s") % {"words": comma.join(map(isolated, mention["words"]))})
    if mention.get("reach"):
        lines.append(w.say("It stands on %(count)s addresses by now.") % {"count": w.number(mention["reach"])})
    return lines


def _how_bad(w: Words, mention: Mapping[str, Any]) -> str:
    """How sure it is that a text is negative; abuse is told though it is not."""
    # Those that an earlier version wrote do not say, and tell of sure ones.
    if not mention.get("sure", True):
        return w.say("Whether it is negative is not sure.")
    line = w.say("Surely negative: %(score)s") if mention["score"] >= _SURELY else w.say("Probably negative: %(score)s")
    return line % {"score": w.percent(round(100 * mention["score"]))}


def _html(w: Words, lines: Sequence[str], facts: Mapping[str, Any], link: LinkMaker | None) -> str:
    rows = [f"<strong>{escape(lines[0])}</strong>", *map(escape, lines[1:])]
    told = fitting((_html_mention(w, mention, link) for mention in facts["mentions"]), _bytes, _MAIL_ROOM)
    rows += told
    if more := _more(w, facts, len(told)):
        rows.append(escape(more))
    return _document(w, rows)


def _bytes(text: str) -> int:
    return len(text.encode())


def _document(w: Words, rows: Sequence[str]) -> str:
    # Direction and alignment stand on the cells themselves: mail clients drop what stands above them.
    cell = f'dir="{w.direction}" align="{w.start}"'
    body = "".join(f'<tr><td {cell} style="{_CELL}">{row}</td></tr>' for row in rows)
    return (
        f'<!doctype html><html lang="{w.language}" dir="{w.direction}"><body>'
        f'<table role="presentation" width="100%">{body}</table></body></html>'
    )


def _inner(document: str) -> str:
    """The table of a whole document."""
    return document.partition("<body>")[2].partition("</body>")[0]


def _html_mention(w: Words, mention: Mapping[str, Any], link: LinkMaker | None) -> str:
    # Only what was found goes its own way: our lines go that of the cell.
    lines = [f'<span dir="auto">{escape(line)}</span>' for line in _found_lines(mention)]
    lines += [escape(line) for line in _our_lines(w, mention)]
    # Anything but a web address could run in the reader's mail client.
    if urlsplit(mention["url"]).scheme in ("http", "https"):
        url = escape(mention["url"])
        # The address is shown too: Apprise makes the plain part from this one and drops what a link hides.
        lines.append(f'<a href="{url}" dir="ltr">{url}</a>')
    if link is not None:
        buttons = [
            f'<a href="{escape(link(act, mention["id"]))}">{escape(w.say(name))}</a>' for act, name in _ACTS.items()
        ]
        lines.append(" &nbsp;·&nbsp; ".join(buttons))
    return "<br>".join(lines)


def _more(w: Words, facts: Mapping[str, Any], told: int) -> str:
    rest = facts["count"] - told if facts["mentions"] else 0
    if rest <= 0:
        return ""
    return w.count("and %(count)s more", "and %(count)s more", rest) % {"count": w.number(rest)}
