"""People in the loop."""

from cases import error, good
from m8tes import ConflictError, NotFoundError
from m8tes_expect import equal, raises, refused
from m8tes_teammates import ABSENT


@good("runs.permissions")
def what_waits_is_listed(world):
    run, asked = world.waiting()
    equal((asked.tool_name, asked.tool_input, asked.status), ("gmail_send", {"to": "a@example.com"}, "pending"))
    world.client.runs.cancel(run.id)


@error("runs.permissions")
def nothing_waits_where_no_run_is(world):
    with refused(NotFoundError, 404):
        world.client.runs.permissions(ABSENT)


@good("runs.approve")
def a_tool_is_allowed(world):
    run, asked = world.waiting()
    equal(world.client.runs.approve(run.id, request_id=asked.request_id, decision="allow").status, "allowed")
    equal(world.client.runs.poll(run.id, interval=0.01).status, "completed")


@good("runs.approve")
def a_tool_is_denied(world):
    run, asked = world.waiting()
    equal(world.client.runs.approve(run.id, request_id=asked.request_id, decision="deny").status, "denied")
    equal(world.client.runs.poll(run.id, interval=0.01).status, "completed")


@error("runs.approve")
def only_what_was_asked_is_allowed(world):
    run, _ = world.waiting()
    with refused(NotFoundError, 404):
        world.client.runs.approve(run.id, request_id="req_other", decision="allow")
    world.client.runs.cancel(run.id)


@good("runs.answer")
def a_question_is_answered(world):
    run, asked = world.waiting("ask", mode="autonomous")
    equal(asked.tool_name, "AskUserQuestion")
    equal(asked.tool_input["questions"][0]["question"], "Which channel?")
    world.client.runs.answer(run.id, answers={"Which channel?": "#general"})
    equal(world.client.runs.poll(run.id, interval=0.01).output, "#general")


@good("runs.answer")
def a_plan_is_approved(world):
    run, asked = world.waiting("go", mode="plan")
    equal(asked.tool_input["questions"][0]["header"], "Plan Approval")
    world.client.runs.answer(run.id, answers={"Plan Approval": "Approve"})
    equal(world.client.runs.poll(run.id, interval=0.01).output, "You said: go")


@error("runs.answer")
def nobody_answers_what_is_not_asked(world):
    with refused(ConflictError, 409):
        world.client.runs.answer(world.over().id, answers={"Which channel?": "#general"})


@good("runs.wait", only="4.49.0")
def whoever_waits_is_asked(world):
    asked = []

    def allow(request):
        asked.append(request.tool_name)
        return "allow"

    run = world.run("send", human_in_the_loop=True, permission_mode="approval")
    run = world.client.runs.wait(run.id, on_approval=allow, interval=0.01)
    equal((run.status, asked), ("completed", ["gmail_send"]))


@error("runs.wait", only="4.49.0")
def somebody_has_to_be_there(world):
    run, _ = world.waiting()
    with raises(RuntimeError):
        world.client.runs.wait(run.id, interval=0.01, timeout=1)
    world.client.runs.cancel(run.id)
