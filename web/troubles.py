"""Lines of errors in the reader's words: the frequent ones of sources and of files; the line is kept beside."""

import re
from collections.abc import Sequence

from flask import Flask
from flask_babel import LazyString
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _
from markupsafe import Markup, escape

from web.filters import digits

_ROW = re.compile(r"row left out \((?P<cause>.*)\): '(?P<file>.*):(?P<row>\d+)'", re.DOTALL)

# The beginning of a line, and what it says; of several that fit the first counts.
_SOURCES: Sequence[tuple[str, LazyString]] = (
    (r"the site answered 404|the site answered 410", _("This page is not at the site any more.")),
    (r"the site answered (?P<status>401|403|451)", _("The site turns us away (code %(status)s).")),
    (r"the site answered 429", _("The site says that we come too often.")),
    (r"the site answered (?P<status>5\d\d)", _("The site is in trouble itself (code %(status)s).")),
    (r"the site answered (?P<status>\d+)", _("The site answered with code %(status)s.")),
    (r"robots\.txt forbids it", _("The site does not want programs to read this page (robots.txt).")),
    (r"its robots\.txt cannot be read", _("The site does not say what programs may read (robots.txt); we do not ask.")),
    (r"address not allowed", _("This address lies in a private network, which we do not visit.")),
    (r"not a web address", _("This is no address on the web.")),
    (r"host not found", _("There is no site at this address.")),
    (r"no answer in time", _("The site did not answer in time.")),
    (r"connection refused|connection failed", _("The site could not be reached.")),
    (r"answer broke off", _("The answer broke off half way.")),
    (r"answer is too large", _("The answer is too large to be read.")),
    (r"too many redirects", _("The site sends us around in circles.")),
    (r"certificate is not valid", _("The certificate of the site is not valid.")),
    (r"(a web page, )?not a feed", _("There is no feed at this address.")),
    (r"not JSON|JSON with", _("The answer has another form than expected.")),
    (r"no main text on the page", _("The page has no main text.")),
    (r"the engine returned no results|no engine answered|no answer$", _("The search engine gave no results.")),
    (r"the channel shows no preview", _("The channel has switched its public preview off.")),
    (r"comments are switched off", _("Comments are switched off there.")),
    (r"message not accepted: the channel did not answer", _("The channel did not answer in time.")),
    (r"message not accepted", _("The channel did not accept the message.")),
    (r"no usable answer", _("The site gave no usable answer.")),
)
_FILES: Sequence[tuple[str, LazyString]] = (
    (r"no column for .* \(one of: (?P<names>.*?)\)", _("A column is needed that is named one of these: %(names)s")),
    (r"file is empty", _("It is empty.")),
    (r"no table of text", _("There is no table in it.")),
    (r"not a workbook|damaged workbook", _("It is no whole Excel file.")),
    (r"workbook is too large", _("It is too large when unpacked; save it as CSV and choose that.")),
    (r"the file is not kept any more", _("It is not kept any more; choose it again.")),
)
_ROWS: Sequence[tuple[str, LazyString]] = (
    (r"no e-mail address", _("there is no e-mail address")),
    (r"still subscribed", _("is still subscribed")),
    (r"a date in the future", _("the date lies in the future")),
    (r"no date", _("there is no date")),
    (r"not a date: (?P<cell>.*)", _("%(cell)s is no date")),
    (r"not a date", _("the date cannot be read")),
    (r"neither a campaign nor a list", _("there is neither a campaign nor a list")),
    (r"no number of mails", _("there is no number of mails")),
    (r"no text", _("there is no text")),
    (r"no address", _("there is no address")),
    (r"not a web address", _("the address is none on the web")),
    (r"kind is one of .*", _("this kind of text is not known")),
    (r"not a number of stars|stars lie between", _("stars lie between 0 and 5")),
    (r"position lies between", _("the position lies between 1 and 10")),
    (r"position (?P<position>\d+) comes twice", _("position %(position)s comes twice")),
    (r"a stray quotation mark", _("a stray quotation mark, or a cell too long")),
)


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(in_words=in_words)


def in_words(line: object) -> Markup:
    """A line of an error as the reader would say it, and the line itself on hover; one without words as it is."""
    text = str(line)
    said = _said(text, (*_SOURCES, *_FILES)) or _of_row(text)
    if not said:
        return Markup('<span class="evidence" dir="auto">{}</span>').format(text)
    return Markup('<span title="{}">{}</span>').format(text, said)


def _said(text: str, known: Sequence[tuple[str, LazyString]]) -> str:
    for pattern, sentence in known:
        if match := re.match(pattern, text):
            # Foreign text must not turn the line around it.
            parts = {name: Markup("<bdi>{}</bdi>").format(digits(part)) for name, part in match.groupdict().items()}
            return escape(str(sentence)) % parts
    return ""


def _of_row(text: str) -> str:
    match = _ROW.match(text)
    if match is None:
        return ""
    cause = _said(match["cause"], _ROWS) or Markup("<bdi>{}</bdi>").format(match["cause"])
    file = Markup('<bdi dir="ltr">{}</bdi>').format(match["file"])
    return escape(say("%(file)s, row %(row)s: %(cause)s")) % {"file": file, "row": digits(match["row"]), "cause": cause}
