"""Memories, permissions and end users."""

from cases import defect, error, good
from m8tes import AuthenticationError, ConflictError, NotFoundError, ValidationError
from m8tes_expect import equal, raises, refused
from m8tes_teammates import ABSENT


@good("memories.create")
def a_memory_is_kept(world):
    user = world.user()
    memory = world.client.memories.create(user_id=user, content="prefers email over Slack")
    equal((memory.content, memory.user_id), ("prefers email over Slack", user))


@error("memories.create")
def nothing_is_remembered_twice(world):
    user = world.user()
    world.client.memories.create(user_id=user, content="prefers email")
    with refused(ConflictError, 409):
        world.client.memories.create(user_id=user, content="Prefers  EMAIL")


@good("memories.list")
def a_user_has_memories(world):
    user = world.user()
    made = [world.client.memories.create(user_id=user, content=f"fact {number}").id for number in range(3)]
    listed = world.client.memories.list(user_id=user, limit=2)
    equal({memory.id for memory in listed.auto_paging_iter()}, set(made))


@error("memories.list")
def memories_are_of_an_account(world):
    with refused(AuthenticationError, 401):
        world.stranger().memories.list(user_id="cust_123")


@good("memories.delete")
def a_memory_is_forgotten(world):
    user = world.user()
    memory = world.client.memories.create(user_id=user, content="a fact")
    equal(world.client.memories.delete(memory.id, user_id=user), None)
    equal(world.client.memories.list(user_id=user).data, [])


@error("memories.delete")
def nobody_forgets_for_another(world):
    memory = world.client.memories.create(user_id=world.user(), content="a fact")
    with refused(NotFoundError, 404):
        world.client.memories.delete(memory.id, user_id=world.user())


@good("permissions.create")
def a_tool_is_allowed_beforehand(world):
    user = world.user()
    policies = [world.client.permissions.create(user_id=user, tool="gmail") for _ in range(2)]
    equal([(policy.tool_name, policy.user_id) for policy in policies], [("gmail", user)] * 2)
    equal(policies[0].id, policies[1].id)


@error("permissions.create")
def a_tool_has_a_name(world):
    with refused(ValidationError, 422):
        world.client.permissions.create(user_id=world.user(), tool="")


@good("permissions.list")
def a_user_has_permissions(world):
    user = world.user()
    made = [world.client.permissions.create(user_id=user, tool=tool).id for tool in ("gmail", "slack", "linear")]
    listed = world.client.permissions.list(user_id=user, limit=2)
    equal({policy.id for policy in listed.auto_paging_iter()}, set(made))


@error("permissions.list")
def permissions_are_of_an_account(world):
    with refused(AuthenticationError, 401):
        world.stranger().permissions.list(user_id="cust_123")


@good("permissions.delete")
def a_permission_is_taken_back(world):
    user = world.user()
    policy = world.client.permissions.create(user_id=user, tool="gmail")
    equal(world.client.permissions.delete(policy.id, user_id=user), None)
    equal(world.client.permissions.list(user_id=user).data, [])


@error("permissions.delete")
def nobody_takes_back_what_is_not_given(world):
    with refused(NotFoundError, 404):
        world.client.permissions.delete(ABSENT, user_id=world.user())


@good("users.create")
def a_user_is_made(world):
    user = world.user()
    made = world.client.users.create(
        user_id=user, name="Acme Corp", email="admin@acme.com", company="Acme", metadata={"a": [1, None]}
    )
    equal((made.user_id, made.name, made.email, made.company), (user, "Acme Corp", "admin@acme.com", "Acme"))
    equal(made.metadata, {"a": [1, None]})


@error("users.create")
def a_user_is_made_once(world):
    user = world.user()
    world.client.users.create(user_id=user)
    with refused(ConflictError, 409):
        world.client.users.create(user_id=user)


@good("users.list")
def all_users_are_listed(world):
    made = {world.client.users.create(user_id=world.user()).user_id for _ in range(3)}
    equal(made <= {user.user_id for user in world.client.users.list(limit=2).auto_paging_iter()}, True)


@error("users.list")
def users_are_of_an_account(world):
    with refused(AuthenticationError, 401):
        world.stranger().users.list()


@good("users.get")
def a_user_is_found_by_its_id(world):
    made = world.client.users.create(user_id=world.user())
    equal(world.client.users.get(made.user_id), made)


@good("users.get", only="4.49.0")
def an_odd_id_is_the_same_user(world):
    for odd in ("a b", "a?b#c", "100%", "ünï", "a:b@c+d", "..foo"):
        made = world.client.users.create(user_id=odd)
        equal(world.client.users.get(odd), made)


@error("users.get")
def there_is_no_such_user(world):
    with refused(NotFoundError, 404):
        world.client.users.get("nobody")


@error("users.get", only="4.49.0")
def an_id_is_no_path(world):
    for path in ("..", "a/b", "", "../settings/"):
        with raises(ValidationError):
            world.client.users.get(path)


@defect("users.get", only="1.1.0")
def an_id_is_a_path(world):
    """The answer is that of another route: the account's teammate, read as a user."""
    mate = world.teammate()
    read = world.client.users.get(f"../agents/{mate.id}")
    equal((type(read).__name__, read.id, read.name), ("EndUser", mate.id, "Ada"))


@good("users.update")
def of_a_user_what_is_not_given_stays(world):
    made = world.client.users.create(user_id=world.user(), name="Ada", company="Acme")
    updated = world.client.users.update(made.user_id, name="Grace")
    equal((updated.name, updated.company), ("Grace", "Acme"))


@error("users.update")
def nobody_updates_who_is_not_there(world):
    with refused(NotFoundError, 404):
        world.client.users.update("nobody", name="Grace")


@good("users.delete")
def a_user_is_deleted(world):
    made = world.client.users.create(user_id=world.user())
    equal(world.client.users.delete(made.user_id), None)
    with refused(NotFoundError, 404):
        world.client.users.get(made.user_id)


@error("users.delete")
def nobody_deletes_who_is_not_there(world):
    with refused(NotFoundError, 404):
        world.client.users.delete("nobody")
