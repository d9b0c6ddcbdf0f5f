"""Tasks and their triggers."""

from cases import error, good
from m8tes import AuthenticationError, NotFoundError, ValidationError
from m8tes_expect import equal, refused
from m8tes_teammates import ABSENT


def task(world, **more):
    return world.client.tasks.create(teammate_id=world.teammate().id, instructions="say three", **more)


@good("tasks.create")
def a_task_has_what_it_was_made_with(world):
    made = task(world, name="n", tools=["gmail"], expected_output="o", goals="g")
    equal((made.name, made.instructions, made.tools), ("n", "say three", ["gmail"]))
    equal((made.expected_output, made.goals, made.status), ("o", "g", "enabled"))


@error("tasks.create")
def a_task_needs_a_teammate_that_is_there(world):
    with refused(NotFoundError, 404):
        world.client.tasks.create(teammate_id=ABSENT, instructions="go")


@good("tasks.list")
def the_tasks_of_a_teammate(world):
    mate = world.teammate()
    made = {world.client.tasks.create(teammate_id=mate.id, instructions="go").id for _ in range(3)}
    listed = world.client.tasks.list(teammate_id=mate.id, limit=2)
    equal({task.id for task in listed.auto_paging_iter()}, made)


@error("tasks.list")
def tasks_are_of_an_account(world):
    with refused(AuthenticationError, 401):
        world.stranger().tasks.list()


@good("tasks.get")
def a_task_is_found_by_its_id(world):
    made = task(world)
    equal(world.client.tasks.get(made.id), made)


@error("tasks.get")
def there_is_no_such_task(world):
    with refused(NotFoundError, 404):
        world.client.tasks.get(ABSENT)


@good("tasks.update")
def of_a_task_what_is_not_given_stays(world):
    updated = world.client.tasks.update(task(world, name="n").id, instructions="new")
    equal((updated.name, updated.instructions), ("n", "new"))


@error("tasks.update")
def what_is_not_there_is_not_updated(world):
    with refused(NotFoundError, 404):
        world.client.tasks.update(ABSENT, instructions="new")


@good("tasks.delete")
def a_deleted_task_may_be_deleted_again(world):
    made = task(world)
    equal([world.client.tasks.delete(made.id) for _ in range(2)], [None, None])


@error("tasks.delete")
def what_is_not_there_is_not_deleted(world):
    with refused(NotFoundError, 404):
        world.client.tasks.delete(ABSENT)


@good("tasks.run")
def a_task_is_run(world):
    made = task(world)
    equal("done" in [event.type for event in world.client.tasks.run(made.id)], True)
    run = world.client.tasks.run(made.id, stream=False)
    equal(world.client.runs.poll(run.id, interval=0.01).status, "completed")


@error("tasks.run")
def what_is_not_there_is_not_run(world):
    with refused(NotFoundError, 404):
        world.client.tasks.run(ABSENT, stream=False)


@good("tasks.run_and_wait", only="4.49.0")
def a_task_is_run_and_awaited(world):
    equal(world.client.tasks.run_and_wait(task(world).id, poll_interval=0.01).status, "completed")


@error("tasks.run_and_wait", only="4.49.0")
def what_is_not_there_is_not_awaited(world):
    with refused(NotFoundError, 404):
        world.client.tasks.run_and_wait(ABSENT, poll_interval=0.01)


@good("triggers.create")
def a_task_has_a_schedule_an_url_and_an_address(world):
    triggers = world.client.tasks.triggers
    made = task(world)
    equal(triggers.create(made.id, type="schedule", cron="0 9 * * 1-5").cron, "0 9 * * 1-5")
    equal("://" in triggers.create(made.id, type="webhook").url, True)
    equal("@" in triggers.create(made.id, type="email").address, True)


@error("triggers.create")
def a_schedule_says_when(world):
    with refused(ValidationError, 422):
        world.client.tasks.triggers.create(task(world).id, type="schedule")


@good("triggers.list")
def a_task_has_triggers(world):
    made = task(world)
    trigger = world.client.tasks.triggers.create(made.id, type="schedule", interval_seconds=3600)
    listed = world.client.tasks.triggers.list(made.id)
    equal([(each.id, each.interval_seconds) for each in listed], [(trigger.id, 3600)])


@error("triggers.list")
def what_is_not_there_has_no_triggers(world):
    with refused(NotFoundError, 404):
        world.client.tasks.triggers.list(ABSENT)


@good("triggers.delete")
def a_trigger_is_deleted(world):
    made = task(world)
    trigger = world.client.tasks.triggers.create(made.id, type="schedule", interval_seconds=3600)
    equal(world.client.tasks.triggers.delete(made.id, trigger.id), None)
    equal(world.client.tasks.triggers.list(made.id), [])


@error("triggers.delete")
def there_is_no_such_trigger(world):
    with refused(NotFoundError, 404):
        world.client.tasks.triggers.delete(task(world).id, "schedule_999999")
