"""What belongs to users: memories, buffers, jobs, credentials, identifiers."""

from cases import error, good
from muxi_world import equal, errors, refused

# ── Memories and buffers ─────────────────────────────────────────────────────────────────────────────


@good("formation.add_memory")
def a_memory_is_kept(world):
    memory = world.formation.add_memory(user_id=world.user(), mem_type="preference", detail="User prefers Python")
    equal(memory["content"], {"type": "preference", "detail": "User prefers Python"})


@error("formation.add_memory")
def a_memory_is_some_users(world):
    with refused(errors.MuxiError, 400, "INVALID_REQUEST"):
        world.formation.add_memory("", "preference", "User prefers Python")


@good("formation.get_memories")
def memories(world):
    user = world.user()
    for detail in ("one", "two", "three"):
        world.formation.add_memory(user, "fact", detail)
    equal([memory["content"] for memory in world.formation.get_memories(user, limit=2)["memories"]], ["three", "two"])


@error("formation.get_memories")
def too_many_memories(world):
    with refused(errors.ValidationError, 422, "INVALID_PARAMS"):
        world.formation.get_memories(world.user(), limit=101)


@good("formation.delete_memory")
def a_memory_is_deleted(world):
    user = world.user()
    memory = world.formation.add_memory(user, "fact", "one")
    equal(world.formation.delete_memory(user_id=user, memory_id=memory["id"]), None)
    equal(world.formation.get_memories(user)["memories"], [])


@error("formation.delete_memory")
def no_memory_is_deleted(world):
    with refused(errors.NotFoundError, 404, "NOT_FOUND"):
        world.formation.delete_memory(world.user(), "none")


@good("formation.get_user_buffer")
def a_buffer(world):
    user = world.user()
    world.said(user)
    equal(world.formation.get_user_buffer(user)["total_messages"], 2)


@error("formation.get_user_buffer")
def a_buffer_is_some_users(world):
    with refused(errors.MuxiError, 400, "INVALID_REQUEST"):
        world.formation.get_user_buffer("")


@good("formation.clear_user_buffer")
def a_buffer_is_cleared(world):
    user = world.user()
    world.said(user)
    equal(world.formation.clear_user_buffer(user_id=user)["messages_cleared"], 2)


@error("formation.clear_user_buffer")
def no_buffer_is_cleared_without_a_user(world):
    with refused(errors.MuxiError, 400, "INVALID_REQUEST"):
        world.formation.clear_user_buffer("")


@good("formation.clear_session_buffer")
def the_buffer_of_a_session_is_cleared(world):
    user = world.user()
    session = world.said(user)
    world.said(user)
    equal(world.formation.clear_session_buffer(user, session)["messages_cleared"], 2)


@error("formation.clear_session_buffer")
def no_session_is_cleared_without_a_user(world):
    with refused(errors.MuxiError, 400, "INVALID_REQUEST"):
        world.formation.clear_session_buffer("", "s")


@good("formation.get_buffer_stats")
def the_buffer_is_told_of(world):
    world.said(world.user())
    equal(world.formation.get_buffer_stats()["total_entries"] >= 2, True)


# ── Jobs ─────────────────────────────────────────────────────────────────────────────────────────────


def _job(world, message="Generate daily summary"):
    return world.formation.create_scheduler_job("recurring", "0 9 * * *", message, world.user())


@good("formation.create_scheduler_job")
def a_job_is_made(world):
    job = _job(world)
    equal((job["cron_expression"], job["original_prompt"], job["status"]), ("0 9 * * *", "Generate daily summary", "ACTIVE"))


@error("formation.create_scheduler_job")
def a_job_without_a_time_is_refused(world):
    with refused(errors.ValidationError, 422, "VALIDATION_ERROR"):
        world.formation.create_scheduler_job("recurring", "each day", "Generate daily summary", world.user())


@good("formation.get_scheduler_jobs")
def jobs(world):
    job = _job(world)
    equal(job["id"] in [job["id"] for job in world.formation.get_scheduler_jobs(user_id="0")["jobs"]], True)


@error("formation.get_scheduler_jobs")
def jobs_take_the_admin_key(world):
    with refused(errors.AuthenticationError, 401, "UNAUTHORIZED"):
        world.stranger().get_scheduler_jobs("ada")


@good("formation.get_scheduler_job")
def one_job(world):
    job = _job(world)
    equal(world.formation.get_scheduler_job(job["id"])["title"], job["title"])


@good("formation.update_scheduler_job")
def a_job_is_changed(world):
    job = _job(world)
    equal(world.formation.update_scheduler_job(job["id"], title="Another", more="left out")["title"], "Another")


@good("formation.pause_scheduler_job")
def a_job_is_paused(world):
    job = _job(world)
    equal(world.formation.pause_scheduler_job(job["id"])["status"], "PAUSED")


@good("formation.resume_scheduler_job")
def a_job_goes_on(world):
    job = _job(world)
    world.formation.pause_scheduler_job(job["id"])
    equal(world.formation.resume_scheduler_job(job["id"])["status"], "ACTIVE")


@good("formation.delete_scheduler_job")
def a_job_is_deleted(world):
    job = _job(world)
    equal(world.formation.delete_scheduler_job(job_id=job["id"]), None)


def _no_job(method):
    @error(f"formation.{method}")
    def no_job(world):
        with refused(errors.NotFoundError, 404, "RESOURCE_NOT_FOUND"):
            getattr(world.formation, method)("none")

    no_job.__name__ = f"{method}_of_none"
    return no_job


OF_A_JOB = [f"{verb}_scheduler_job" for verb in ("get", "update", "pause", "resume", "delete")]
globals().update({f"no_{method}": _no_job(method) for method in OF_A_JOB})


# ── Credentials and identifiers ──────────────────────────────────────────────────────────────────────


def _credential(world, user):
    payload = {"service": "github", "name": "work", "credential": {"token": "ghp_0123456789"}}
    return world.formation.create_credential(user, payload)


@good("formation.list_credential_services")
def credential_services(world):
    equal(isinstance(world.formation.list_credential_services()["services"], list), True)


@good("formation.create_credential")
def a_credential_is_kept(world):
    equal(_credential(world, world.user())["service"], "github")


@error("formation.create_credential")
def a_credential_is_some_users(world):
    with refused(errors.MuxiError, 400, "INVALID_REQUEST"):
        _credential(world, "")


@good("formation.list_credentials")
def credentials(world):
    user = world.user()
    made = _credential(world, user)
    equal([of["credential_id"] for of in world.formation.list_credentials(user)["credentials"]], [made["credential_id"]])


@error("formation.list_credentials")
def credentials_are_some_users(world):
    with refused(errors.MuxiError, 400, "INVALID_REQUEST"):
        world.formation.list_credentials("")


@good("formation.get_credential")
def one_credential(world):
    user = world.user()
    made = _credential(world, user)
    equal(world.formation.get_credential(made["credential_id"], user)["name"], "work")


@error("formation.get_credential")
def no_credential(world):
    with refused(errors.NotFoundError, 404, "RESOURCE_NOT_FOUND"):
        world.formation.get_credential("none", world.user())


@good("formation.delete_credential")
def a_credential_is_deleted(world):
    user = world.user()
    made = _credential(world, user)
    equal(world.formation.delete_credential(made["credential_id"], user)["deleted"], True)


@error("formation.delete_credential")
def no_credential_is_deleted(world):
    with refused(errors.NotFoundError, 404, "RESOURCE_NOT_FOUND"):
        world.formation.delete_credential("none", world.user())


@good("formation.resolve_user")
def a_user_is_resolved(world):
    user = f"{world.user()}@example.com"
    made = world.formation.resolve_user(user)
    equal(world.formation.resolve_user(user)["muxi_user_id"], made["muxi_user_id"])


@error("formation.resolve_user")
def a_user_takes_the_client_key(world):
    with refused(errors.AuthenticationError, 401, "UNAUTHORIZED"):
        world.stranger().resolve_user("ada@example.com")
