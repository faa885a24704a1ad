"""Drafts of replies, made from templates the team edits. Nothing here is ever sent by itself."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from monitor.errors import CaseError
from monitor.models import Case, ReplyTemplate

# What a template may hold; each is filled in with what the case is about.
FIELDS = ("brand", "author", "title", "offered")
_LONGEST = 5000

# To begin with; the team makes them its own.
_FIRST = (
    (
        "fa",
        "شنیدیم و پیگیریم",
        "{author} عزیز، ممنون که نوشتید. حق دارید ناراحت باشید. "
        "لطفاً شمارهٔ سفارش را برایمان بفرستید تا همین امروز پیگیری کنیم. {brand}",
    ),
    (
        "fa",
        "جبران",
        "{author} عزیز، بابت آنچه پیش آمد عذر می‌خواهیم. علتش را پیدا کردیم و برطرف شد. برای جبران: {offered} {brand}",
    ),
    (
        "en",
        "Heard, and on it",
        "Dear {author}, thank you for writing. You have every reason to be upset. "
        "Please send us your order number and we will look into it today. {brand}",
    ),
    (
        "en",
        "Making good",
        "Dear {author}, we are sorry for what happened. We found the cause and put it right. "
        "To make good: {offered} {brand}",
    ),
)


def add_first_templates(session: Session) -> None:
    """Templates to begin with, unless there are some."""
    if not session.scalar(select(func.count()).select_from(ReplyTemplate)):
        session.add_all(ReplyTemplate(language=language, name=name, text=text) for language, name, text in _FIRST)
        session.flush()


def find_templates(session: Session, language: str | None = None) -> Sequence[ReplyTemplate]:
    """All templates, or those in one language."""
    query = select(ReplyTemplate).order_by(ReplyTemplate.language, ReplyTemplate.id)
    return session.scalars(query if language is None else query.where(ReplyTemplate.language == language)).all()


def get_template(session: Session, template_id: int) -> ReplyTemplate:
    """Raises CaseError."""
    template = session.get(ReplyTemplate, template_id)
    if template is None:
        raise CaseError("no such template", template_id)
    return template


def save_template(
    session: Session, language: str, name: str, text: str, template_id: int | None = None
) -> ReplyTemplate:
    """Keep a new template, or change one. Raises CaseError."""
    name, text = " ".join(name.split()), text.strip()
    if not name or not text or len(name) > 100 or len(text) > _LONGEST:
        raise CaseError("a template has a name of at most 100 letters and a text of at most 5000", name)
    same = select(ReplyTemplate.id).where(ReplyTemplate.language == language, ReplyTemplate.name == name)
    if session.scalar(same.where(ReplyTemplate.id != (template_id or 0))) is not None:
        raise CaseError("template exists already", name)
    template = ReplyTemplate() if template_id is None else get_template(session, template_id)
    template.language, template.name, template.text = language, name, text
    session.add(template)
    session.flush()
    return template


def remove_template(session: Session, template_id: int) -> None:
    """Raises CaseError."""
    session.delete(get_template(session, template_id))


def draft(template: ReplyTemplate, case: Case) -> str:
    """The template filled in; what is unknown leaves nothing behind, and other braces stay as they are."""
    mention = case.mention
    values = (mention.brand.name, mention.author, mention.title, case.offered)
    text = template.text
    for field, value in zip(FIELDS, values, strict=True):
        text = text.replace(f"{{{field}}}", value)
    return "\n".join(" ".join(line.split()) for line in text.splitlines()).replace(" ،", "،").replace(" ,", ",")
