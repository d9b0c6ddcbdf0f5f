"""Managed agents and their threads."""

from cases import error, good
from expect import equal, refused, shaped
from mycel_sdk import Client
from shapes import AGENT, AGENT_CREATED, THREAD


@good("agents.list")
def a_new_person_has_two_agents(world):
    agents = world.person().client.agents.list()
    equal(list(agents), ["items"])
    equal([shaped(agent, AGENT)["name"] for agent in agents["items"]], ["Toad", "Morel"])
    equal({(agent["created_at"], agent["updated_at"]) for agent in agents["items"]}, {(0, 0)})


@error("agents.list")
def a_command_line_deployment_has_no_panel(world):
    with refused(404, "Not Found"):
        Client(base_url=world.communication_url, auth_token=world.owner.token).agents.list()


@good("agents.create")
def a_new_agent_is_a_draft(world):
    person = world.person()
    agent = shaped(person.client.agents.create("Porcini", description="Reviews"), AGENT_CREATED)
    equal((agent["name"], agent["description"], agent["status"]), ("Porcini", "Reviews", "draft"))
    parts = ["compact", "mcpServers", "prompt", "rules", "skills", "subAgents", "tools"]
    equal(sorted(agent["config"]), parts)
    equal(person.client.agents.list()["items"][2]["id"], agent["id"])


@error("agents.create")
def an_agent_runtime_manages_no_agents(world):
    with refused(403, "Capability required: create_managed_agent"):
        world.agent().client.agents.create("Porcini")


@good("threads.create")
def the_first_thread_of_an_agent_is_the_main_one(world):
    person = world.person()
    agent = person.client.agents.create("Porcini")["id"]
    mounts = [{"source": "/srv/data", "target": "/data", "read_only": True}]
    first = shaped(person.client.threads.create(agent), THREAD)
    second = shaped(person.client.threads.create(agent, model="large", bind_mounts=mounts), THREAD)
    equal([thread["thread_id"] for thread in (first, second)], [f"{agent}-1", f"{agent}-2"])
    equal([(thread["branch_index"], thread["is_main"]) for thread in (first, second)], [(0, True), (1, False)])


@error("threads.create")
def the_agent_of_somebody_else_is_out_of_reach(world):
    agent = world.person().client.agents.create("Porcini")["id"]
    with refused(403, "Not authorized"):
        world.owner.client.threads.create(agent)
    unknown_sandbox = '{"error":"sandbox_provider_unavailable","provider":"moon"}'
    person = world.person()
    with refused(400, unknown_sandbox):
        person.client.threads.create(person.client.agents.list()["items"][0]["id"], sandbox="moon")
