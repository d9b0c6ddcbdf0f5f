"""Runs, without their streams."""

from cases import error, good
from m8tes import AuthenticationError, ConflictError, NotFoundError, ValidationError
from m8tes_expect import equal, raises, refused
from m8tes_teammates import ABSENT


@good("runs.create")
def a_run_is_started(world):
    mate = world.teammate()
    run = world.run("quarterly report", teammate_id=mate.id, metadata={"k": "v"})
    equal((run.teammate_id, run.status, run.metadata), (mate.id, "running", {"k": "v"}))


@error("runs.create")
def a_run_needs_a_teammate_that_is_there(world):
    with refused(NotFoundError, 404):
        world.run(teammate_id=ABSENT)


@good("runs.get")
def a_run_that_is_over_has_its_output(world):
    run = world.client.runs.get(world.over("say three").id)
    equal((run.status, run.output), ("completed", "You said: say three"))


@error("runs.get")
def there_is_no_such_run(world):
    with refused(NotFoundError, 404):
        world.client.runs.get(ABSENT)


@good("runs.list")
def the_newest_runs_come_first(world):
    user = world.user()
    made = [world.over(user_id=user).id for _ in range(3)]
    page = world.client.runs.list(user_id=user, status="completed", limit=2)
    equal(([run.id for run in page.data], page.has_more), (made[:0:-1], True))
    rest = [run.id for run in page.auto_paging_iter()]
    equal(rest, made[::-1])


@error("runs.list")
def runs_are_listed_for_an_account(world):
    with refused(AuthenticationError, 401):
        world.stranger().runs.list()


@good("runs.poll")
def a_run_is_awaited(world):
    run = world.client.runs.poll(world.run("wait a little").id, interval=0.01)
    equal((run.status, run.output), ("completed", "You said: wait a little"))


@error("runs.poll")
def what_takes_too_long_is_a_timeout(world):
    run = world.run("wait long")
    with raises(TimeoutError):
        world.client.runs.poll(run.id, interval=0.01, timeout=0.1)
    world.client.runs.cancel(run.id)


@good("runs.create_and_wait")
def a_run_is_started_and_awaited(world):
    user = world.user()
    run = world.client.runs.create_and_wait(message="go", user_id=user, poll_interval=0.01)
    equal((run.status, run.user_id), ("completed", user))


@error("runs.create_and_wait")
def what_cannot_be_started_is_not_awaited(world):
    with refused(NotFoundError, 404):
        world.client.runs.create_and_wait(message="go", teammate_id=ABSENT, poll_interval=0.01)


@good("runs.cancel")
def a_run_is_cancelled(world):
    equal(world.client.runs.cancel(world.run("wait long").id).status, "cancelled")


@error("runs.cancel")
def what_is_over_cannot_be_cancelled(world):
    with refused(ConflictError, 409, "run_not_active"):
        world.client.runs.cancel(world.over().id)


@good("runs.retry", only="4.49.0")
def a_run_that_failed_is_done_again(world):
    failed = world.over("fail")
    equal(failed.status, "failed")
    again = world.client.runs.retry(failed.id)
    equal((again.id != failed.id, again.retry_of_run_id), (True, failed.id))


@error("runs.retry", only="4.49.0")
def what_went_well_is_not_done_again(world):
    with refused(ConflictError, 409):
        world.client.runs.retry(world.over().id)


@good("runs.outcome", only="4.49.0")
def a_run_has_an_outcome(world):
    run = world.over()
    outcome = world.client.runs.outcome(run.id)
    equal((outcome.run_id, outcome.status), (run.id, "completed"))


@error("runs.outcome", only="4.49.0")
def what_is_not_there_has_no_outcome(world):
    with refused(NotFoundError, 404):
        world.client.runs.outcome(ABSENT)


@good("runs.messages", only="4.49.0")
def a_run_is_a_conversation(world):
    run = world.over("say three")
    messages = world.client.runs.messages(run.id)
    equal([message.role for message in messages], ["user", "assistant"])
    equal([message.content for message in messages], ["say three", "You said: say three"])
    rest = world.client.runs.messages(run.id, after_sequence=messages[0].sequence, limit=5)
    equal([message.sequence for message in rest], [messages[1].sequence])


@error("runs.messages", only="4.49.0")
def what_is_not_there_has_no_messages(world):
    with refused(NotFoundError, 404):
        world.client.runs.messages(ABSENT)


@good("runs.list_files")
def a_run_has_files(world):
    files = world.client.runs.list_files(world.over("file").id)
    equal([(file.name, file.size) for file in files], [("report.csv", 4)])


@error("runs.list_files")
def what_is_not_there_has_no_files(world):
    with refused(NotFoundError, 404):
        world.client.runs.list_files(ABSENT)


@good("runs.download_file")
def a_file_is_fetched(world):
    equal(world.client.runs.download_file(world.over("file").id, "report.csv"), b"a,b\n")


@error("runs.download_file")
def there_is_no_such_file(world):
    with refused(NotFoundError, 404):
        world.client.runs.download_file(world.over("file").id, "other.csv")


@good("runs.update_permission_mode")
def a_run_gets_another_mode(world):
    run, _ = world.waiting()
    equal(world.client.runs.update_permission_mode(run.id, permission_mode="autonomous").permission_mode, "autonomous")
    equal(world.client.runs.poll(run.id, interval=0.01).status, "completed")


@error("runs.update_permission_mode")
def there_is_no_such_mode(world):
    run, _ = world.waiting()
    with refused(ValidationError, 422):
        world.client.runs.update_permission_mode(run.id, permission_mode="reckless")
    world.client.runs.cancel(run.id)


@good("runs.reply_and_wait")
def a_reply_goes_on_with_the_run(world):
    run = world.over()
    again = world.client.runs.reply_and_wait(run.id, message="and then?", poll_interval=0.01)
    equal((again.id, again.output), (run.id, "You said: and then?"))


@error("runs.reply_and_wait")
def nobody_replies_to_what_is_not_there(world):
    with refused(NotFoundError, 404):
        world.client.runs.reply_and_wait(ABSENT, message="hello", poll_interval=0.01)
