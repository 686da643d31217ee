from domain.order.commands import AddNote, AnswerNote, LogContact, ReportRefusal, ResolveException
from domain.order.decisions.customer_service import AlreadyAnswered, NoSuchException, NoSuchNote
from domain.order.decisions.shared_refusals import NotOfThisDepartment
from domain.order.event_terms import TroubleFacts
from domain.order.events import ContactLogged, ExceptionOpened, ExceptionResolved, NoteAdded, NoteAnswered
from domain.order.messages import unanswered
from domain.order.state import CustomerNote, DepartmentMessage
from domain.order.terms import Audience, Channel, ExceptionCode
from domain.roles import Department, Party, Role
from tests.domain.order.orders import PLACED, given, lived
from tests.spec import NOW

REFUSED = ReportRefusal(command="SendToWarehouse", refusal="on-hold")


def test_a_note_for_the_customer_can_be_read_by_the_customer() -> None:
    order = (
        given(*lived(*PLACED))
        .when(AddNote(audience=Audience.CUSTOMER, text="On its way"), by="cleo")
        .then(NoteAdded(occurred_at=NOW, author="cleo", audience=Audience.CUSTOMER, text="On its way"))
    )
    assert order is not None
    assert order.customer_notes == (CustomerNote(NOW, "On its way"),)


def test_an_internal_note_stays_inside() -> None:
    order = given(*lived(*PLACED)).when(AddNote(text="difficult")).then_kinds(NoteAdded)
    assert order is not None
    assert order.customer_notes == ()


LOGISTICS = Department.LOGISTICS
ASK = AddNote(text="Is it on the van?", department=LOGISTICS)
ANSWER = AnswerNote(note=1, text="since nine")


def test_a_note_that_names_a_department_waits_for_its_answer() -> None:
    order = given(*lived(*PLACED)).when(ASK, by="cleo").then_kinds(NoteAdded)
    assert order is not None
    assert unanswered(order, LOGISTICS) == (DepartmentMessage(1, LOGISTICS, "cleo", NOW, "Is it on the van?"),)
    assert unanswered(order, Department.SALES) == ()


def test_somebody_of_the_department_answers_once_and_nobody_else_does() -> None:
    asked = lived(*PLACED, AddNote(text="no message"), ASK, ASK)
    answered = NoteAnswered(occurred_at=NOW, note=1, department=LOGISTICS, author="olga", text="since nine")
    order = given(*asked).when(ANSWER, by="olga", role=Role.LOGISTICS).then(answered)
    assert order is not None
    assert [message.number for message in unanswered(order, LOGISTICS)] == [2]
    assert (order.messages[0].answer, order.messages[0].answered_by) == ("since nine", "olga")
    given(*asked, answered).when(ANSWER, role=Role.LOGISTICS).then_rejected(AlreadyAnswered)
    given(*asked).when(ANSWER, role=Role.CUSTOMER_SERVICE).then_rejected(NotOfThisDepartment)
    given(*asked).when(AnswerNote(note=3, text="x"), role=Role.LOGISTICS).then_rejected(NoSuchNote, "Message 3 of 2")


def test_a_contact_is_written_down_with_question_and_answer() -> None:
    given(*lived(*PLACED)).when(LogContact(channel=Channel.PHONE, question="Where?", answer="Packed")).then(
        ContactLogged(occurred_at=NOW, channel=Channel.PHONE, question="Where?", answer="Packed")
    )


def test_a_refused_workflow_step_lands_with_sales_once() -> None:
    opened = ExceptionOpened(
        occurred_at=NOW,
        number=1,
        code=ExceptionCode.WORKFLOW_REFUSED,
        owner=Party.SALES,
        about=TroubleFacts(command="SendToWarehouse", refusal="on-hold"),
    )
    given(*lived(*PLACED)).when(REFUSED).then(opened)
    given(*lived(*PLACED), opened).when(REFUSED).then_nothing()


def test_an_exception_is_resolved_once_by_somebody_with_a_reason() -> None:
    events = lived(*PLACED, REFUSED)
    resolve = ResolveException(exception=1, reason="sent by hand")
    resolved = ExceptionResolved(occurred_at=NOW, reason="sent by hand", exception=1, resolved_by="ada")
    order = given(*events).when(resolve).then(resolved)
    assert order is not None
    assert order.exceptions == ()
    given(*events, resolved).when(resolve).then_nothing()


def test_an_exception_that_never_was_cannot_be_resolved() -> None:
    resolve = ResolveException(exception=1, reason="x")
    given(*lived(*PLACED)).when(resolve).then_rejected(NoSuchException, saying="Exception 1 of 0")
