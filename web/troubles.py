"""Lines of errors in the reader's words: those that are likely; the line itself is kept beside."""

import re
from collections.abc import Sequence

from flask import Flask
from flask_babel import LazyString
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _
from markupsafe import Markup, escape

from monitor.refusals import REFUSALS, first_fit
from monitor.wording import words
from web.filters import digits
from web.language import language

_ROW = re.compile(r"row left out \((?P<cause>.*)\): '(?P<file>.*):(?P<row>\d+)'", re.DOTALL)


def _of_messages(sentence: str) -> str:
    """A sentence that messages say too, and that stands in their catalogue."""
    return words(language()).say(sentence)


# The beginning of a line, and what it says; of several that fit the first counts.
_REFUSALS: Sequence[tuple[str, LazyString]] = tuple(
    (beginning, LazyString(_of_messages, sentence)) for beginning, sentence in REFUSALS
)
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
    (
        r"not JSON|JSON with|JSON-LD block|posts without|reviews without|no reviews in|nothing on the page fits"
        r"|the page states no rating|no entry can be read",
        _("The answer has another form than expected."),
    ),
    (r"no main text on the page", _("The page has no main text.")),
    (r"the engine returned no results|no engine answered|no answer$", _("The search engine gave no results.")),
    (r"the channel shows no preview", _("The channel has switched its public preview off.")),
    (r"comments are switched off", _("Comments are switched off there.")),
    (r"no usable answer", _("The site gave no usable answer.")),
    (r"not a page of text", _("There is no page of text at this address.")),
    (r"(?:not the page of|neither a video).*?\((?P<example>.*?)\)", _("Such a link is needed: %(example)s")),
    (r"not the page of|not an address at", _("This link is of another kind than what is read there.")),
    (r"the address has no \?q=NAME", _("This address does not say what is searched for.")),
    (r"the address hides its publisher", _("This address does not say at which site the article stands.")),
    (r"not a sitemap|more maps of maps", _("There is no sitemap at this address.")),
    (r"(?P<all>\d+) (?:pages|maps) are listed, (?:the )?(?P<read>\d+)", _("Of %(all)s pages %(read)s are read.")),
    (r"no such app in this country", _("The app is not offered in this country.")),
    (r"no list (?P<names>.*) on this server", _("This server has no list %(names)s.")),
    (r"the key ends in", _("The key belongs to another address.")),
    (r"the engine says: (?P<said>.*)", _("The search engine says: %(said)s")),
    (r"engines that did not answer: (?P<names>.*)", _("These engines did not answer: %(names)s")),
    (r"the feed is damaged", _("The feed is damaged; what could be read was kept.")),
    (r"(?:\w+|a person of campaign) \S+ left out", _("A part that lacked something was left out.")),
    (r"a rating of (?P<rating>\S+) does not fit", _("A rating of %(rating)s does not fit its scale.")),
    (r"… and (?P<count>\d+) more", _("and %(count)s more")),
    (r"the spiders stopped early", _("The visit was cut short.")),
    (r"bug in the spider", _("Something went wrong on our side.")),
    (
        r"(?:Instagram|X) cannot be collected",
        _("Nothing is collected from Instagram and X; export a file there and choose “Import a file” on Sources."),
    ),
    (
        r"source exists already: '(?P<url>.*?)'?$",
        _("%(url)s stands on the page Sources, perhaps of another brand."),
    ),
    (r"other links are being tried", _("Wait a moment and try again.")),
)
_FILES: Sequence[tuple[str, LazyString]] = (
    (r"no column for .* \(one of: (?P<names>.*?)\)", _("A column is needed that is named one of these: %(names)s")),
    (r"no column '(?P<name>.*?)' \(there are: (?P<names>.*?)\)", _("It has no column %(name)s, but %(names)s.")),
    (r"cannot read file", _("It cannot be opened.")),
    (r"file is empty", _("It is empty.")),
    (r"no table of text", _("There is no table in it.")),
    (r"not a workbook|damaged workbook", _("It is no whole Excel file.")),
    (r"workbook is too large", _("It is too large when unpacked; save it as CSV and choose that.")),
    (r"the file is not kept any more", _("It is not kept any more; choose it again.")),
)
# Services that call us, or are called.
_SERVICES: Sequence[tuple[str, LazyString]] = (
    (r"not signed", _("The message is not signed.")),
    (r"signature does not fit", _("The signature does not fit the key.")),
    (r"unusable (?:signature|key)|the key is not", _("The signature or the key cannot be used.")),
    (r"signed too long ago|no time was signed", _("The signature is too old.")),
    (r"no signing key is set", _("No signing key is set.")),
    (r"no e-mail address|no date", _("It lacks an e-mail address or a date.")),
    (
        r"not an? (?:event|form|JSON)|nested too deeply|empty$|no (?:list of events|event-data|message in)",
        _("The message cannot be read."),
    ),
    (r"the mail did not go to one person", _("The mail went to several people; who left is not said.")),
    (r"this provider signs", _("This service signs its messages: write its signing key too.")),
    (r"this provider does not sign", _("This service does not sign its messages: leave the key empty.")),
    (r"this service is told already", _("This service is told already.")),
    (
        r"Mailchimp's key ends in its data centre, like (?P<example>\S+)",
        _("A key ends in its data centre, like %(example)s."),
    ),
    (r"Mailchimp needs the id", _("Write the id of the audience there.")),
    (r"Brevo's lists have numbers|listmonk needs the number", _("Write the number of the list there.")),
    (r"Brevo needs an API key", _("Write the API key.")),
    (r"listmonk's key is .* as (?P<example>\S+)", _("Write the key like %(example)s.")),
    (r"listmonk needs the address", _("Write the address of your server.")),
    (r"a hook needs the address", _("Write the address that is called.")),
    (r"the secret that signs has (?P<least>\d+)", _("Write a secret of %(least)s letters or more.")),
)
# What people do day by day, where it cannot be done.
_REFUSED_ACTS: Sequence[tuple[str, LazyString]] = (
    (r"the last admin stays one", _("The only admin stays one: make somebody else an admin first.")),
    (r"template exists already", _("There is a draft of this name already.")),
    (r"no such template", _("The draft was removed meanwhile; save once more to keep what you wrote.")),
    (r"a list of everything needs no name", _("Choose a filter first; a list of everything needs no name.")),
    (r"there are \d+ lists already", _("There is room for no more lists: remove one.")),
    (r"a name of 1 to (?P<most>\d+) letters", _("Write a name of %(most)s letters at most.")),
    (r"this person must not be contacted", _("This person is never to be contacted.")),
    (r"this person was contacted already", _("This person was contacted once already.")),
    (r"do not contact holds for ever", _("“Do not contact” is not taken back.")),
    (r"this follow-up has not ended", _("This follow-up is open.")),
    (r"channel exists already", _("A channel has this name already.")),
    (r"an owner's name has at most (?P<most>\d+)", _("Write a name of %(most)s letters at most.")),
    (r"an empty note", _("The note is empty.")),
    (r"loss_table is at least two", _("The loss table has two shares or more, from 0 to 100.")),
    (r"(?:address|hook)_days is more than zero", _("Write one day or more.")),
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
_KNOWN = (*_REFUSALS, *_SOURCES, *_FILES, *_SERVICES, *_REFUSED_ACTS)


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(in_words=in_words)


def in_words(line: object) -> Markup:
    """A line of an error as the reader would say it, and the line itself on hover; one without words as it is."""
    text = str(line)
    said = _said(text, _KNOWN) or _of_row(text)
    if not said:
        return Markup('<span class="evidence" dir="auto">{}</span>').format(text)
    return Markup('<span title="{}">{}</span>').format(text, said)


def _said(text: str, known: Sequence[tuple[str, LazyString]]) -> str:
    found = first_fit(text, known)
    if found is None:
        return ""
    sentence, parts = found
    return escape(str(sentence)) % {name: _isolated(part) for name, part in parts.items()}


def _isolated(part: str) -> Markup:
    """Foreign text must not turn the line around it; of it, only a number is written as the page writes them."""
    return Markup("<bdi>{}</bdi>").format(digits(part) if part.isdecimal() else part)


def _of_row(text: str) -> str:
    match = _ROW.match(text)
    if match is None:
        return ""
    cause = _said(match["cause"], _ROWS) or Markup("<bdi>{}</bdi>").format(match["cause"])
    file = Markup('<bdi dir="ltr">{}</bdi>').format(match["file"])
    return escape(say("%(file)s, row %(row)s: %(cause)s")) % {"file": file, "row": digits(match["row"]), "cause": cause}
