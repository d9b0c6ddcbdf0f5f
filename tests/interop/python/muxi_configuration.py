"""The formation itself: health, configuration, agents, MCP, secrets, SOPs, the audit log."""

from cases import error, good
from muxi_world import equal, errors, refused


@good("formation.health")
def health(world):
    equal(world.formation.health()["status"], "healthy")


@good("formation.get_status")
def status(world):
    status = world.formation.get_status()
    equal((status["formation"]["id"], status["agents"]["count"]), (world.formation_id, 3))


@good("formation.get_config")
def config(world):
    equal(world.formation.get_config()["formation_id"], world.formation_id)


@good("formation.get_formation_info")
def formation_info(world):
    equal(world.formation.get_formation_info()["id"], world.formation_id)


# What takes the admin key, refuses another, and has nothing else to go wrong; and a field of the answer.
PARTS = {
    "get_a2a_config": "enabled",
    "get_async_config": "threshold_seconds",
    "get_llm_settings": "models",
    "get_logging_config": "conversation",
    "get_logging_destinations": "conversation",
    "get_memory_config": "buffer",
    "get_overlord_config": "soul",
    "get_overlord_soul": "soul",
    "get_scheduler_config": "timezone",
}


def _part(method, field):
    @good(f"formation.{method}")
    def it_is_told(world):
        equal(field in getattr(world.formation, method)(), True)

    it_is_told.__name__ = f"{method}_is_told"
    return it_is_told


def _guarded(method):
    @error(f"formation.{method}")
    def a_wrong_key_is_refused(world):
        with refused(errors.AuthenticationError, 401, "UNAUTHORIZED"):
            getattr(world.stranger(), method)()

    a_wrong_key_is_refused.__name__ = f"{method}_refuses_a_wrong_key"
    return a_wrong_key_is_refused


GUARDED = [
    *PARTS, "get_status", "get_config", "get_formation_info", "get_agents", "get_mcp_servers", "get_mcp_tools", "get_secrets",
    "get_sops", "get_triggers", "get_audit_log", "clear_audit_log", "get_buffer_stats", "clear_all_buffers",
    "list_credential_services",
]

globals().update({f"told_{method}": _part(method, field) for method, field in PARTS.items()})
globals().update({f"guarded_{method}": _guarded(method) for method in GUARDED})


@good("formation.get_agents")
def agents(world):
    equal([agent["id"] for agent in world.formation.get_agents()["agents"]], ["helper", "coder", "sleeper"])


@good("formation.get_agent")
def one_agent(world):
    equal(world.formation.get_agent("helper")["name"], "Helper")


@error("formation.get_agent")
def no_agent(world):
    with refused(errors.NotFoundError, 404, "AGENT_NOT_FOUND"):
        world.formation.get_agent("none")


@good("formation.get_mcp_servers")
def mcp_servers(world):
    equal([server["id"] for server in world.formation.get_mcp_servers()["servers"]], ["web-search", "files"])


@good("formation.get_mcp_server")
def one_mcp_server(world):
    equal(world.formation.get_mcp_server("files")["command"], "mcp-files")


@error("formation.get_mcp_server")
def no_mcp_server(world):
    with refused(errors.NotFoundError, 404, "MCP_SERVER_NOT_FOUND"):
        world.formation.get_mcp_server("none")


@good("formation.get_mcp_tools")
def mcp_tools(world):
    equal({"name", "description", "access"} <= set(world.formation.get_mcp_tools()["tools"][0]), True)


@good("formation.get_secrets")
def secrets(world):
    equal("OPENAI_API_KEY" in world.formation.get_secrets()["secrets"], True)


@good("formation.set_secret")
def a_secret_is_changed(world):
    equal(world.formation.set_secret("SHORT", "another value"), None)


@good("formation.delete_secret")
def a_secret_is_deleted(world):
    equal(world.formation.delete_secret("SHORT"), None)


@error("formation.delete_secret")
def a_secret_in_use_is_kept(world):
    with refused(errors.ConflictError, 409, "SECRET_IN_USE"):
        world.formation.delete_secret("OPENAI_API_KEY")


@good("formation.get_sops")
def sops(world):
    equal([sop["name"] for sop in world.formation.get_sops()["sops"]], ["onboarding", "refund"])


@good("formation.get_sop")
def one_sop(world):
    equal(world.formation.get_sop("onboarding")["steps"], 3)


@error("formation.get_sop")
def no_sop(world):
    with refused(errors.NotFoundError, 404, "SOP_NOT_FOUND"):
        world.formation.get_sop("none")


@good("formation.clear_audit_log")
def the_audit_log_is_cleared(world):
    equal(world.formation.clear_audit_log(), None)


@good("formation.get_audit_log")
def the_audit_log_tells_of_that(world):
    equal(world.formation.get_audit_log()["entries"][0]["action"], "audit.cleared")
