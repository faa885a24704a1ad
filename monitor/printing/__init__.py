"""A document as a PDF, by Typst, which shapes Persian and sets it right to left.

Typst is imported where it is used: a crawl or a page without a PDF has no need of it.
"""

import json
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Any

from monitor.documents import COLOURS, PAPER, Bars, Block, Document, Heading, Line, Story

_HERE = Path(__file__).parent


def as_pdf(document: Document, now: datetime) -> bytes:
    """The document on A4 pages, tagged for screen readers; ``now`` is written into it as its date."""
    import typst

    w = document.words
    data = {
        "title": document.title,
        "language": w.language,
        "rtl": w.direction == "rtl",
        "digits": [w.number(digit) for digit in range(10)],
        "colours": {**COLOURS, "paper": PAPER},
        "blocks": [_block(block) for block in document.blocks],
    }
    pdf = typst.compile(
        str(_HERE / "document.typ"),
        font_paths=[str(_HERE / "fonts")],
        sys_inputs={"document": json.dumps(data)},
        # Typst takes whole seconds only.
        timestamp=now.replace(microsecond=0),
    )
    assert isinstance(pdf, bytes)
    return pdf


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading(text):
            return {"is": "heading", "text": text}
        case Line(text):
            return {"is": "line", "text": text}
        case Story(title):
            return {"is": "story", "title": title, "link": block.link, "rtl": runs_right_to_left(title)}
        case Bars(rows):
            drawn = [
                {
                    "label": row.label,
                    "width": None if row.count is None else block.width(row),
                    "said": row.said,
                }
                for row in rows
            ]
            return {"is": "bars", "colour": COLOURS[block.tone], "rows": drawn}


def runs_right_to_left(text: str) -> bool:
    """Whether the first letter with a direction is written to the left, as ``dir=auto`` has it."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((way for way in strong if way in ("L", "R", "AL")), "L") != "L"
