"""The client itself, what it knows of a backend, and its errors."""

import socket
from pathlib import Path

import mycel_sdk
from cases import error, good
from expect import equal, raises, refused
from mycel_sdk import ApiError, Client


def unused_url():
    """The URL of a port that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{held.getsockname()[1]}"


@good("Client")
def a_slash_after_the_url_makes_no_difference(world):
    client = Client(base_url=f"{world.url}/ ", auth_token=world.owner.token)
    equal(client.me.whoami()["id"], world.owner.id)


@error("Client")
def it_needs_a_url(world):
    with raises(RuntimeError, "base_url is required"):
        Client(auth_token=world.owner.token)


@good("Client.from_openapi_client_root")
def the_generated_layer_is_found_in_a_folder(world):
    packages = Path(mycel_sdk.__file__).parent.parent
    client = Client.from_openapi_client_root(str(packages), base_url=world.url, auth_token=world.owner.token)
    equal(client.me.whoami()["id"], world.owner.id)


@error("Client.from_openapi_client_root")
def a_folder_without_a_generated_layer_is_refused(world):
    folder = str(Path(__file__).parent)
    with raises(RuntimeError, f"Could not infer generated package name under {folder}"):
        Client.from_openapi_client_root(folder, base_url=world.url)


@good("backend_info", only="0.1.83")
def it_tells_what_the_backend_can_do(world):
    everything = {"guest_auth": True, "external_users": True, "chat_messages": True, "runtime_inbox": True}
    about = {"openapi": "3.1.0", "title": "Mycel Web Backend", "version": "0.1.0", "capabilities": everything}
    equal(world.client().backend_info(), {"base_url": world.url, **about})


@error("backend_info", only="0.1.83")
def nobody_listens_there(_world):
    with raises(ApiError) as caught:
        Client(base_url=unused_url()).backend_info()
    equal((caught.error.status_code, caught.error.is_transport_error), (0, True))


@good("ApiError.from_response_content")
def it_takes_the_detail_out_of_an_answer(world):
    codex, _, chat = world.group()
    with raises(ApiError) as caught:
        codex.client.chats.get_workflow(chat)
    again = ApiError.from_response_content(404, caught.error.content)
    equal((again.status_code, again.detail), (404, "Chat workflow not found"))


@error("ApiError.from_response_content")
def an_answer_without_json_is_its_own_detail(world):
    codex, _, chat = world.group()
    with refused(500, "Internal Server Error"):
        codex.client.messages.list(chat, before="yesterday")


@good("ApiError.transport_error", only="0.1.83")
def without_an_answer_there_is_no_status(world):
    with raises(ApiError) as caught:
        Client(base_url=unused_url(), auth_token=world.owner.token).me.whoami()
    equal(str(caught.error).startswith("HTTP 0: transport error: "), True)
    equal(caught.error.is_transport_error, True)


@error("ApiError.transport_error", only="0.1.83")
def a_refusal_is_no_transport_error(world):
    with raises(ApiError) as caught:
        world.owner.client.chats.get("no-such-chat")
    equal(caught.error.is_transport_error, False)
