//! The generated crate: progenitor's code, the table of operations, and what holds them together.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::panic;
use std::sync::Once;
use std::thread;

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, HooksMode, InterfaceStyle};
use serde_json::Value;
use syn::{ImplItem, Item, UseTree};

use crate::backend::Backend;
use crate::contract::Contract;
use crate::error::{Error, Result};
use crate::files::Output;
use crate::public::{Public, Row};
use crate::{answer_code, body_code, header_code, inspect, secret, sent_code, stand_in, used_code, version_header};

/// The files of the generated crate.
pub(crate) fn files(backend: &Backend, contract: &Contract, public: &Public) -> Result<Vec<Output>> {
    let Public { document, operations: rows, .. } = public;
    let mut client = client(document, rows)?;
    inspect::check(&client, contract, document)?;
    remove_unguarded_constructor(&mut client);
    // Before anything else changes how the requests are made.
    answer_code::ask_for(&mut client, rows)?;
    body_code::make(&mut client, document)?;
    sent_code::keep_nulls(&mut client, contract, document)?;
    header_code::check(&mut client);
    answer_code::make_optional(&mut client, rows)?;
    secret::redact(&mut client, contract, document)?;
    version_header::remove(&mut client);
    used_code::keep_what_is_used(&mut client)?;
    used_code::skip_empty_hooks(&mut client);
    let output = |path: &str, contents: String| Output { path: backend.crate_dir.join(path), contents };
    let name = &backend.name;
    Ok(vec![
        output("CHANGELOG.md", changelog(backend)),
        output("Cargo.toml", manifest(backend)),
        output("LICENSE-APACHE", include_str!("../../LICENSE-APACHE").to_owned()),
        output("LICENSE-MIT", include_str!("../../LICENSE-MIT").to_owned()),
        output("README.md", readme(backend)),
        output("src/client.rs", code(name, &prettyplease::unparse(&client))),
        output("src/hooks.rs", code(name, HOOKS)),
        output("src/lib.rs", code(name, LIB)),
        output("src/operations.rs", code(name, &operations(contract, rows))),
    ])
}

/// progenitor's code for the document.
fn client(document: &Value, rows: &BTreeMap<String, Row>) -> Result<syn::File> {
    let mut document = document.clone();
    answer_code::simplify(&mut document, rows);
    body_code::simplify(&mut document);
    sent_code::simplify(&mut document);
    stand_in::put(&mut document);
    let document: OpenAPI = serde_json::from_value(document)
        .map_err(|error| Error::not_lowered(format!("is not taken by progenitor's parser: {error}")))?;
    let tokens = on_its_own_thread(move || {
        let inner = "agent_platform_core::Call".parse().map_err(|error| format!("{error}"))?;
        let mut settings = GenerationSettings::new();
        settings
            .with_interface(InterfaceStyle::Positional)
            .with_hooks(HooksMode::Expected)
            .with_inner_type(inner)
            .with_map_type("::std::collections::BTreeMap");
        let tokens = Generator::new(&settings).generate_tokens(&document).map_err(|error| error.to_string())?;
        // Tokens can't leave the thread that made them, text can.
        Ok(tokens.to_string())
    })
    .map_err(|problem| Error::not_lowered(format!("is not taken by progenitor: {problem}")))?;
    let no_rust = |error| Error::not_lowered(format!("makes progenitor write no Rust: {error}"));
    let mut client = syn::parse_str(&stand_in::take_out(&tokens)).map_err(no_rust)?;
    take_encoding_from_the_engine(&mut client).map_err(no_rust)?;
    Ok(client)
}

/// Has segments of paths encoded by the engine: progenitor leaves as it is what a URL parser takes for the end of one.
fn take_encoding_from_the_engine(client: &mut syn::File) -> syn::Result<()> {
    let is_encoding = |tree: &UseTree| matches!(tree, UseTree::Name(name) if name.ident == "encode_path");
    for item in &mut client.items {
        if let Item::Use(import) = item
            && let UseTree::Path(path) = &mut import.tree
            && let UseTree::Group(group) = &mut *path.tree
        {
            group.items = group.items.iter().filter(|tree| !is_encoding(tree)).cloned().collect();
        }
    }
    client.items.insert(0, syn::parse_str("#[allow(unused_imports)] use agent_platform_core::encode_path;")?);
    Ok(())
}

/// Takes out the constructor that makes an HTTP client by itself: without the limits and the TLS of the engine's, and
/// with a panic where that can't be made.
fn remove_unguarded_constructor(client: &mut syn::File) {
    for item in &mut client.items {
        if let Item::Impl(methods) = item
            && methods.trait_.is_none()
        {
            methods.items.retain(|item| !matches!(item, ImplItem::Fn(method) if method.sig.ident == "new"));
        }
    }
}

/// The name of the thread that progenitor runs on, by which the panic hook knows it.
const THREAD: &str = "progenitor";

/// Runs progenitor where its panics end no more than the thread: the lowering refuses what is known to
/// make it panic, and this is the net below. The stack is large, since typify recurses.
fn on_its_own_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().name() != Some(THREAD) {
                usual(info);
            }
        }));
    });
    let thread = thread::Builder::new()
        .name(THREAD.to_owned())
        .stack_size(256 * 1024 * 1024)
        .spawn(work)
        .map_err(|error| format!("no thread for it ({error})"))?;
    match thread.join() {
        Ok(result) => result,
        Err(payload) => Err(format!("it panics ({})", panic_message(payload.as_ref()))),
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str).or_else(|| payload.downcast_ref::<&str>().copied());
    // Some of typify's messages quote whole schemas.
    text.unwrap_or("without a message").chars().take(400).collect()
}

fn manifest(backend: &Backend) -> String {
    format!(
        "# Generated by cargo xtask regenerate from openapi/{}; do not edit.\n\
         [package]\n\
         name = \"{}\"\n\
         description = \"The transport that is generated from the OpenAPI document {}; applications use a facade\"\n\
         {MANIFEST}",
        backend.name, backend.crate_name, backend.name
    )
}

/// What the crates registry shows of the crate.
fn readme(backend: &Backend) -> String {
    format!(
        "<!-- Generated by cargo xtask regenerate from openapi/{name}; do not edit. -->\n\
         # {crate_name}\n\n\
         The transport that is generated from the OpenAPI document {name}: one method for each public operation, with the\n\
         types that it sends and receives. Nothing in it is stable, and it changes with the document.\n\n\
         Applications do not use it directly; they use the facade that is built on it, `{facade}`.\n",
        name = backend.name,
        crate_name = backend.crate_name,
        facade = facade(backend),
    )
}

/// Where the changes are told that matter to a program: nobody writes down those of what is generated.
fn changelog(backend: &Backend) -> String {
    format!(
        "<!-- Generated by cargo xtask regenerate from openapi/{name}; do not edit. -->\n\
         # Changelog of {crate_name}\n\n\
         It changes with the OpenAPI document {name}, in every version. What that means for programs is told in the changelog of\n\
         the facade that is built on it, `{facade}`.\n",
        name = backend.name,
        crate_name = backend.crate_name,
        facade = facade(backend),
    )
}

/// The crate that applications use. A platform with several documents has one.
fn facade(backend: &Backend) -> String {
    format!("{}-sdk", backend.name.split('-').next().unwrap_or(&backend.name))
}

const MANIFEST: &str = r#"version.workspace = true
edition.workspace = true
rust-version = "1.88"
license.workspace = true
categories = ["api-bindings"]
include = ["/CHANGELOG.md", "/LICENSE-*", "/README.md", "/src"]

[dependencies]
agent-platform-core.workspace = true
progenitor-client.workspace = true
reqwest.workspace = true
serde.workspace = true
serde_json.workspace = true
"#;

/// A file of code with its header.
fn code(backend: &str, code: &str) -> String {
    format!("// Generated by cargo xtask regenerate from openapi/{backend}; do not edit.\n\n{code}")
}

/// What is generated is not rustfmt's to format, hence the `skip`s.
const LIB: &str = r"//! The transport under the facade: one method for each public operation of the backend.
//!
//! Applications use the facade; nothing here is meant for them.

#![allow(clippy::all, dead_code, missing_docs, nonstandard_style, rustdoc::all)]

#[rustfmt::skip]
mod client;
#[rustfmt::skip]
mod hooks;
#[rustfmt::skip]
pub mod operations;

pub use client::{Client, ClientInfo, Error, ResponseValue, types};
";

const HOOKS: &str = r#"//! What runs under every generated method.

use agent_platform_core::{Call, Generated, Operation};
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo};

use crate::{Client, operations};

/// What stands in for an operation that the table lacks, which none does. It is never repeated.
static UNLISTED: Operation = Operation::new("unlisted", "", "");

impl Generated for Client {
    fn over(base_url: &str, requests: reqwest::Client, call: Call) -> Self {
        Self::new_with_client(base_url, requests, call)
    }
}

impl ClientHooks<Call> for Client {
    async fn exec(
        &self,
        request: reqwest::Request,
        info: &OperationInfo,
    ) -> reqwest::Result<reqwest::Response> {
        let operation = operations::find(info.operation_id).unwrap_or(&UNLISTED);
        // Pinned where it is: it is large, and would be moved otherwise.
        let response = std::pin::pin!(self.inner().execute(request, operation));
        Ok(response.await)
    }
}
"#;

/// The table of the operations.
fn operations(contract: &Contract, rows: &BTreeMap<String, Row>) -> String {
    let mut code = String::from(
        "//! The operations of the transport, as the contract has them.\n\n\
         use agent_platform_core::{AnswerKind, Operation};\n",
    );
    let mut all = String::new();
    let mut arms = String::new();
    for (name, row) in rows {
        let Some(operation) = contract.public.get(name) else { continue };
        let constant = name.to_ascii_uppercase();
        let call = &operation.call;
        // Writing into a String can't fail.
        let _ = write!(
            code,
            "\n/// `{call}`\n\
             pub const {constant}: Operation = Operation {{\n    \
                 id: {name:?},\n    \
                 method: {:?},\n    \
                 path: {:?},\n    \
                 repeatable: {},\n    \
                 answer: AnswerKind::{},\n    \
                 enveloped: {},\n    \
                 idempotency_key: {},\n    \
                 credentials: &{:?},\n\
             }};\n",
            call.method.as_str(),
            call.path,
            operation.repeatable,
            row.kind.variant(),
            row.envelope.is_some(),
            operation.idempotency_key,
            row.credentials,
        );
        let _ = writeln!(all, "    &{constant},");
        let _ = writeln!(arms, "        {name:?} => Some(&{constant}),");
    }
    let _ = write!(
        code,
        "\n/// Every operation, in the order of the names.\n\
         pub static ALL: &[&Operation] = &[\n{all}];\n\
         \n/// The operation with that id.\n\
         pub fn find(id: &str) -> Option<&'static Operation> {{\n    \
             match id {{\n{arms}        _ => None,\n    }}\n\
         }}\n"
    );
    code
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::Kind;

    #[test]
    fn a_panic_of_progenitor_is_a_refusal() {
        let media = json!({"schema": {"type": "object"}});
        let document = json!({
            "openapi": "3.0.3",
            "info": {"title": "T", "version": "1"},
            "paths": {"/a": {"post": {
                "operationId": "a",
                "requestBody": {"content": {"application/json": media, "application/x-www-form-urlencoded": media}},
                "responses": {},
            }}},
        });
        let error = client(&document, &BTreeMap::new()).err().unwrap();
        assert_eq!(error.kind(), Kind::Generator);
        let text = error.to_string();
        assert!(text.contains("it panics") && text.contains("more media types than expected"), "{text}");
        assert_eq!(text.lines().count(), 1);
    }

    #[test]
    fn a_client_is_made_with_the_http_client_of_the_engine_alone() {
        let document = json!({"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {}});
        let mut client = client(&document, &BTreeMap::new()).unwrap();
        let code = |client: &syn::File| prettyplease::unparse(client);
        assert!(code(&client).contains("pub fn new("));
        assert!(code(&client).contains("use agent_platform_core::encode_path;"));
        assert_eq!(code(&client).matches("encode_path").count(), 1);
        remove_unguarded_constructor(&mut client);
        let left = code(&client);
        assert!(!left.contains("pub fn new(") && left.contains("pub fn new_with_client("), "{left}");
    }

    #[test]
    fn an_error_of_progenitor_is_a_refusal() {
        let document = json!({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}});
        let text = client(&document, &BTreeMap::new()).err().unwrap().to_string();
        assert!(text.contains("invalid version: 3.1.0"), "{text}");
        let text = client(&json!({"openapi": "3.0.3"}), &BTreeMap::new()).err().unwrap().to_string();
        assert!(text.contains("progenitor's parser"), "{text}");
    }
}
