"""What a stranger's machine makes of the API's own description: no fault, only documented answers of the documented
shape (TRUST B08).
"""

from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from helpdesk.app import create_app
from helpdesk.core.accounts import accounts
from helpdesk.core.accounts.models import Account
from helpdesk.core.channels.address_types import Address
from helpdesk.core.channels.channel_events import Inbound
from helpdesk.core.intake import ingest
from helpdesk.core.intake.models import RawMessage
from helpdesk.core.people import api_tokens, teams, users
from helpdesk.core.tickets import merge, tickets
from helpdesk.testing.desks import small_runtime
from helpdesk.testing.sizes import SOAK, size

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
EXAMPLES = size(20, 300)  # of each operation
# A cursor, a moment within a year or a word that is more than spaces cannot be told by a schema.
UNTELLABLE = [schemathesis.checks.positive_data_acceptance]


@pytest.fixture(scope="module")
def desk_with_tickets(tmp_path_factory):
    """A runtime with a few tickets, one of them merged, a quarantined raw message, and an admin: (runtime, token)."""
    runtime = small_runtime(tmp_path_factory.mktemp("api"), plugins="email")
    with ExitStack() as stack:
        uow = stack.enter_context(runtime.uow())
        stack.callback(runtime.engine.dispose)
        admin = users.add(uow, "admin@desk.example", "Ada", "admin")
        queue = teams.add_queue(uow, "Orders", [teams.add_team(uow, "Team", [admin.id]).id])
        account = accounts.create(uow, "email", "support", {"address": "support@desk.example"}, queue.id)
        for number in range(6):
            letter = Inbound(
                Address("email", "mina@customer.example", "Mina"),
                text="Where is it?",
                subject="سلام",
                external_id=f"{number}@x",
            )
            decided = ingest.decide(uow, uow.session.get(Account, account.id), letter)
            with uow.writing() as session:
                raw_message = RawMessage(account_id=account.id, external_id=str(number), raw=b"")
                session.add(raw_message)
                session.flush()
                ingest.write(uow, raw_message.id, decided)
        with uow.writing() as session:
            session.add(
                RawMessage(
                    account_id=account.id,
                    external_id="bad",
                    raw=b"\xff",
                    size=1,
                    state="quarantined",
                    reason="Unreadable",
                )
            )
        merge.merge(uow, 1, 2)
        tickets.change(uow, 3, status="solved", assignee_id=admin.id)
        yield runtime, api_tokens.add_token(uow, admin.id)


@pytest.fixture(scope="module")
def described(desk_with_tickets):
    runtime, token = desk_with_tickets
    app = create_app(runtime=runtime)
    app.testing = False
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    schema.token = token
    schema.config.checks.negative_data_rejection.expected_statuses.append("413")  # what is much too long
    return schema


hurry = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize=not SOAK,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
modes = pytest.mark.parametrize("mode", list(schemathesis.GenerationMode), ids=lambda mode: mode.value)


def probe(described, mode, act, few: int | None = None):
    """Let ``act`` try cases of every operation."""
    count = 0
    for found in described.get_all_operations():
        operation = found.ok()
        if mode.is_negative and not (operation.query or operation.body or operation.path_parameters):
            continue  # nothing can be wrong with it
        count += 1
        settings(hurry, max_examples=few or EXAMPLES)(given(operation.as_strategy(generation_mode=mode))(act))()
    assert count > 10


@modes
def test_signed_in(described, mode):
    def act(case):
        # An unknown name with an empty list for a value leaves no trace in an address, and so is no fault there.
        excluded = [*UNTELLABLE, schemathesis.checks.negative_data_rejection] if case.operation.query else UNTELLABLE
        headers = {"Authorization": f"Bearer {described.token}", "Accept-Encoding": "identity"}
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    probe(described, mode, act)


@modes
def test_not_signed_in(described, mode):
    def act(case):
        answer = case.call(headers={"Accept-Encoding": "identity"})
        case.validate_response(answer, excluded_checks=UNTELLABLE)
        assert answer.status_code in (401, 404, 405)

    probe(described, mode, act, few=3)
