//! The types of `mycel-sdk`.

use std::future::IntoFuture;
use std::time::Duration;

use futures::Stream;
use mycel_sdk::{
    Client, ClientBuilder, Error, ErrorKind, History, ListenEvent, Listener, Message, Notification, NotificationStream,
    Secret, StopHandle,
};

#[test]
fn what_a_program_keeps_may_go_to_any_thread() {
    fn is_shared<T: Send + Sync + 'static>() {}
    fn is_sent<T: Send + 'static>() {}
    is_shared::<Client>();
    is_shared::<ClientBuilder>();
    is_shared::<Error>();
    is_shared::<ErrorKind>();
    is_shared::<Message>();
    is_shared::<Notification>();
    is_shared::<Secret>();
    is_shared::<StopHandle>();
    is_sent::<ListenEvent>();
    is_sent::<Listener>();
    is_sent::<NotificationStream>();
}

#[test]
fn streams_may_be_polled_in_any_task() {
    fn is_stream<T: Stream + Send + Unpin>() {}
    is_stream::<History<'_>>();
    is_stream::<Listener>();
    is_stream::<NotificationStream>();
}

#[test]
fn calls_may_be_made_in_any_task() {
    fn is_sent<F: IntoFuture<IntoFuture: Send>>(_: F) {}
    // It is compiled, and never run.
    let _ = |client: &Client, message: &Message| {
        is_sent(client.backend_info());

        let agents = client.agents();
        is_sent(agents.list());
        is_sent(agents.create(""));

        let auth = client.auth();
        is_sent(auth.create_guest_owner());
        is_sent(auth.login("", ""));
        is_sent(auth.send_otp("", "", ""));
        is_sent(auth.verify_otp("", ""));
        is_sent(auth.complete_register("", ""));

        let chats = client.chats();
        is_sent(chats.list());
        is_sent(chats.get(""));
        is_sent(chats.ensure_direct(""));
        is_sent(chats.create([""]));
        is_sent(chats.add_member("", ""));
        is_sent(chats.mute_member("", ""));
        is_sent(chats.unmute_member("", ""));

        let join_requests = client.join_requests();
        is_sent(join_requests.target(""));
        is_sent(join_requests.list(""));
        is_sent(join_requests.request(""));
        is_sent(join_requests.approve("", ""));
        is_sent(join_requests.reject("", ""));

        is_sent(client.me().whoami());

        let messages = client.messages();
        is_sent(messages.send("", ""));
        is_sent(messages.list(""));
        is_sent(messages.history("").next());
        is_sent(messages.unread(""));
        is_sent(messages.read(""));
        is_sent(messages.mark_read(message));

        let notifications = client.notifications();
        is_sent(notifications.drain());
        is_sent(notifications.wait(Duration::ZERO));
        is_sent(notifications.stream());
        is_sent(notifications.listen().next());

        let relationships = client.relationships();
        is_sent(relationships.list());
        is_sent(relationships.request(""));
        is_sent(relationships.approve(""));
        is_sent(relationships.reject(""));
        is_sent(relationships.upgrade(""));
        is_sent(relationships.downgrade(""));
        is_sent(relationships.revoke(""));

        let tasks = client.tasks();
        is_sent(tasks.list(""));
        is_sent(tasks.create("", ""));
        is_sent(tasks.get("", ""));
        is_sent(tasks.update("", ""));
        is_sent(tasks.delete("", ""));

        is_sent(client.threads().create(""));
        is_sent(client.users().create_external("", ""));

        let events = client.workflow_events();
        is_sent(events.list(""));
        is_sent(events.get("", ""));
        is_sent(events.create("", "", ""));
        is_sent(events.update("", ""));
        is_sent(events.delete("", ""));

        let workflows = client.workflows();
        is_sent(workflows.get(""));
        is_sent(workflows.set("", ""));
        is_sent(workflows.delete(""));
    };
}
