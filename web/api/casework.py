"""One case: read with what the team wrote, and moved on."""

from typing import Any

from marshmallow import Schema, fields

from monitor.cases import CaseChange, add_note, edit_case, get_case, move_case
from monitor.models import Case
from monitor.records import case_record
from monitor.types import CaseState, Cause, Scope, Step
from web.api.access import Door, needs, the_token
from web.api.schemas import CaseBody, CaseSchema
from web.scope import db, house, now

blueprint = Door("cases", "One case.")
_CASE = "/cases/<int(min=1):case_id>"


class NoteSchema(Schema):
    author = fields.String()
    text = fields.String()
    created_at = fields.AwareDateTime(format="iso")


class WholeCaseSchema(CaseSchema):
    """With the notes, the oldest first."""

    notes = fields.List(fields.Nested(NoteSchema))


@blueprint.route(_CASE)
@needs(Scope.READ)
@blueprint.response(200, WholeCaseSchema)
@blueprint.alt_response(404, "NOT_FOUND")
def one(case_id: int) -> dict[str, Any]:
    """One case with its notes."""
    return _whole(get_case(db(), case_id))


@blueprint.route(_CASE, methods=["PATCH"])
@needs(Scope.WRITE)
@blueprint.arguments(CaseBody)
@blueprint.alt_response(415, "UNSUPPORTED_MEDIA_TYPE")
@blueprint.response(200, WholeCaseSchema)
@blueprint.alt_response(404, "NOT_FOUND")
def change(body: dict[str, Any], case_id: int) -> dict[str, Any]:
    """Move a case to another state, or write down who, why and what."""
    with house().database.write() as writing:
        case = get_case(writing, case_id)
        edit_case(case, _change(body))
        if "state" in body:
            move_case(writing, case, CaseState(body["state"]), now())
        if body.get("note", "").strip():
            add_note(writing, case, body["note"], now(), the_token().name)
        writing.flush()
        writing.refresh(case, ["notes"])
        return _whole(case)


def _change(body: dict[str, Any]) -> CaseChange:
    return CaseChange(
        owner=body.get("owner"),
        due_at=body.get("due_at"),
        cause=Cause(body["cause"]) if "cause" in body else None,
        offered=body.get("offered"),
        steps=frozenset(Step(step) for step in body["steps"]) if "steps" in body else None,
    )


def _whole(case: Case) -> dict[str, Any]:
    record = case_record(case, now())
    return {**{name: getattr(record, name) for name in record.__slots__}, "notes": case.notes}
