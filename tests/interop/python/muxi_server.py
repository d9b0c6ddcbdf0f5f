"""The management server."""

import io
import tarfile

import httpx
from cases import defect, error, good
from muxi.auth import build_auth_header
from muxi_world import equal, errors, raises, refused


def bundle(formation_id, version):
    """A bundle of a formation, packed."""
    text = f"schema: 1.0.0\nid: {formation_id}\nname: Bot\ndescription: For tests\nversion: {version}\n".encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        entry = tarfile.TarInfo(f"{formation_id}/formation.afs")
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
    return packed.getvalue()


def _send(world, method, path, formation_id, version, **headers):
    headers["Authorization"] = build_auth_header(*world.key_pair, method, path)
    headers |= {"Content-Type": "application/gzip", "X-Formation-Version": version}
    answer = httpx.request(method, world.url + path, headers=headers, content=bundle(formation_id, version))
    equal(answer.status_code in (200, 201), True)


def deployed(world, updated=False):
    """The id of a formation that was deployed. The client has no way to do that."""
    formation_id = world.user().replace("_", "-")
    _send(world, "POST", "/rpc/formations", formation_id, "1.0.0", **{"X-Formation-ID": formation_id})
    if updated:
        _send(world, "PUT", f"/rpc/formations/{formation_id}", formation_id, "2.0.0")
    return formation_id


@good("server.ping")
def a_pong_has_four_letters(world):
    equal(world.server.ping(), 4)


@good("server.health")
def the_server_is_well(world):
    equal(world.server.health()["status"], "ok")


@good("server.status")
def the_server_tells_of_itself(world):
    equal(world.server.status()["formations"]["total"] >= 1, True)


@good("server.list_formations")
def formations(world):
    made = deployed(world)
    equal(made in [formation["id"] for formation in world.server.list_formations()["formations"]], True)


@good("server.get_formation")
def one_formation(world):
    made = deployed(world)
    equal(world.server.get_formation(made)["status"], "running")


@good("server.stop_formation")
def a_formation_is_stopped(world):
    equal(world.server.stop_formation(formation_id=deployed(world))["status"], "stopped")


@error("server.stop_formation")
def a_formation_is_stopped_once(world):
    made = deployed(world)
    world.server.stop_formation(made)
    with refused(errors.ConflictError, 409, 409):
        world.server.stop_formation(made)


@good("server.start_formation")
def a_formation_is_started(world):
    made = deployed(world)
    world.server.stop_formation(made)
    equal(world.server.start_formation(formation_id=made)["status"], "running")


@error("server.start_formation")
def a_formation_that_runs_is_not_started(world):
    with refused(errors.ConflictError, 409, 409):
        world.server.start_formation(deployed(world))


@good("server.restart_formation")
def a_formation_is_restarted(world):
    equal(world.server.restart_formation(formation_id=deployed(world))["restart_count"], 1)


@good("server.rollback_formation")
def a_formation_is_rolled_back(world):
    made = deployed(world, updated=True)
    equal(world.server.rollback_formation(made)["id"], made)


@error("server.rollback_formation")
def what_was_never_updated_is_not_rolled_back(world):
    with refused(errors.MuxiError, 400, 400):
        world.server.rollback_formation(deployed(world))


@good("server.delete_formation")
def a_formation_is_deleted(world):
    made = deployed(world)
    equal(world.server.delete_formation(made)["id"], made)


@good("server.cancel_update")
def there_is_no_update_to_cancel(world):
    with refused(errors.MuxiError, 400, 400):
        world.server.cancel_update(deployed(world))


@good("server.get_formation_logs")
def logs(world):
    made = deployed(world)
    equal(world.server.get_formation_logs(made)["formation_id"], made)


@good("server.get_server_logs")
def the_servers_logs(world):
    equal(bool(world.server.get_server_logs()), True)


def _of_none(method):
    @error(f"server.{method}")
    def of_none(world):
        with refused(errors.NotFoundError, 404, 404):
            getattr(world.server, method)("none")

    of_none.__name__ = f"{method}_of_none"
    return of_none


OF_ONE = ["get_formation", "restart_formation", "delete_formation", "cancel_update", "get_formation_logs"]
globals().update({f"no_{method}": _of_none(method) for method in OF_ONE})


def _unknown(method):
    @error(f"server.{method}")
    def who_is_unknown(world):
        with refused(errors.AuthenticationError, 401, 401):
            getattr(world.server_with("no"), method)()

    who_is_unknown.__name__ = f"{method}_by_who_is_unknown"
    return who_is_unknown


SIGNED = ["status", "list_formations", "get_server_logs"]
globals().update({f"unknown_{method}": _unknown(method) for method in SIGNED})


def _nobody(method):
    @error(f"server.{method}")
    def nobody_is_there(world):
        with raises(errors.ConnectionError) as caught:
            getattr(world.server_with(world.key_pair[1], url="http://127.0.0.1:1"), method)()
        equal((caught.error.code, caught.error.status_code), ("CONNECTION_ERROR", 0))

    nobody_is_there.__name__ = f"{method}_where_nobody_is"
    return nobody_is_there


globals().update({f"nobody_{method}": _nobody(method) for method in ("ping", "health")})


# ── What does not work on any server ─────────────────────────────────────────────────────────────────


@defect("server.deploy_formation")
def the_document_has_another_deploy(world):
    with raises(TypeError):
        world.server.deploy_formation(bundle_path="my-bot.tar.gz")


@defect("server.deploy_formation")
def nothing_is_deployed(world):
    """It posts JSON to a route that there is none of."""
    with raises(errors.NotFoundError):
        world.server.deploy_formation("my-bot", {"bundle": "my-bot.tar.gz"})


@defect("server.update_formation")
def nothing_is_updated(world):
    with raises(errors.NotFoundError):
        world.server.update_formation(deployed(world), {"bundle": "my-bot.tar.gz"})


@defect("server.get_formation_logs")
def the_number_of_lines_is_passed_over(world):
    """It is sent as `limit`, and read as `lines`."""
    made = deployed(world)
    equal(world.server.get_formation_logs(made, limit=0)["formation_id"], made)


def _stream(method, *given):
    @defect(f"server.{method}")
    def a_stream_of_a_route_that_there_is_none_of_is_empty(world):
        equal(list(getattr(world.server, method)(deployed(world), *given)), [])

    a_stream_of_a_route_that_there_is_none_of_is_empty.__name__ = f"{method}_is_empty"
    return a_stream_of_a_route_that_there_is_none_of_is_empty


STREAMS = {
    "deploy_formation_stream": [{}],
    "update_formation_stream": [{}],
    "start_formation_stream": [],
    "restart_formation_stream": [],
    "rollback_formation_stream": [],
    "stream_formation_logs": [],
}
globals().update({f"empty_{method}": _stream(method, *given) for method, given in STREAMS.items()})
