"""Names that many people share: whoever writes under one is nobody in particular."""

from monitor.folding import fold

_NOBODY = frozenset(
    fold(name)
    for name in ("", "ناشناس", "کاربر", "کاربر ناشناس", "کاربر مهمان", "مهمان", "بی نام", "بدون نام", "کاربر سایت",
                 "خریدار", "مشتری", "anonymous", "anonymous user", "guest", "user", "a customer", "customer", "unknown",
                 "no name", "n/a", "-",
                 # What sites call those who gave no name, or have left.
                 "کاربر دیجی‌کالا", "A Google user", "کاربر Google", "Amazon Customer", "Deleted Account", "[deleted]")
)  # fmt: skip


def is_nobody(author: str) -> bool:
    """The name is none, or one that many share."""
    return fold(author) in _NOBODY
