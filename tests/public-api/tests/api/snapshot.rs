//! What applications can name of each facade is what the list of its name beside this folder says.

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use public_api_tests::{facades, snapshot_of};

/// The version of rustdoc's JSON that is read here: that of Rust 1.95.
const FORMAT: u64 = 57;

const JSON: [&str; 4] = ["-Z", "unstable-options", "--output-format", "json"];

#[test]
fn applications_can_name_what_the_snapshots_list() {
    let engine = match check_toolchain().and_then(|()| items("agent-platform-core")) {
        Ok(engine) => engine,
        Err(reason) => return leave_out(&reason),
    };
    let changes: String = facades().iter().map(|facade| changes(facade, &engine)).collect();
    assert!(
        changes.is_empty(),
        "the public API is another than what the lists say:\n{changes}\
         If that is meant, write them anew with UPDATE=1 cargo test -p public-api-tests, and tell of it in the facade's CHANGELOG.md."
    );
}

/// How the public API of a facade differs from its list; with `UPDATE`, the list is written instead.
fn changes(facade: &str, engine: &[String]) -> String {
    let actual = public_api(facade, engine).unwrap();
    let snapshot = snapshot_of(facade);
    if env::var_os("UPDATE").is_some() {
        fs::write(snapshot, actual).unwrap();
        return String::new();
    }
    // A facade that is new has no list yet, and all that it has is told.
    let expected = fs::read_to_string(snapshot).unwrap_or_default();
    if expected == actual {
        return String::new();
    }
    let (expected, actual): (Vec<_>, Vec<_>) = (expected.lines().collect(), actual.lines().collect());
    let gone = expected.iter().filter(|line| !actual.contains(line)).map(|line| format!("- {line}\n"));
    let new = actual.iter().filter(|line| !expected.contains(line)).map(|line| format!("+ {line}\n"));
    let lines: String = gone.chain(new).collect();
    // The same lines in another order, or another number of times.
    let lines = if lines.is_empty() { "the order of its lines\n".to_owned() } else { lines };
    format!("{facade}.txt\n{lines}")
}

/// Says on the terminal that nothing was tested; where the test is required, as in CI, that is a failure.
fn leave_out(reason: &str) {
    assert!(env::var_os("PUBLIC_API").is_none_or(|value| value != "required"), "{reason}");
    #[expect(clippy::explicit_write, reason = "the test harness swallows what eprintln! writes")]
    writeln!(std::io::stderr(), "left out: the list of the public API is not compared, since {reason}").unwrap();
}

/// Whether the rustdoc of this toolchain writes the JSON that is read here, by the example of an empty crate.
fn check_toolchain() -> Result<(), String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("public-api");
    fs::create_dir_all(&folder).unwrap();
    let source = folder.join("empty.rs");
    fs::write(&source, "").unwrap();
    run(Command::new(RUSTDOC).arg(&source).arg("--out-dir").arg(&folder).args(JSON))?;
    let json: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("empty.json")).unwrap()).unwrap();
    match json["format_version"].as_u64() {
        Some(FORMAT) => Ok(()),
        other => Err(format!(
            "the rustdoc of this toolchain writes its JSON in version {other:?}, and version {FORMAT}, that of Rust \
             1.95, is what can be read"
        )),
    }
}

/// Rustdoc with its unstable options.
const RUSTDOC: &str = env!("CARGO_BIN_EXE_public-api-tests");

/// The public API of the facade, a line for each item, and behind it that of the types which the facade takes over
/// from the engine, under the names that applications know them by.
fn public_api(facade: &str, engine: &[String]) -> Result<String, String> {
    let its_path = format!("{}::", facade.replace('-', "_"));
    let mut lines = items(facade)?;
    let reexport = format!("pub use {its_path}");
    let taken_over = lines.iter().filter_map(|line| line.strip_prefix(&reexport).map(str::to_owned));
    let taken_over: Vec<_> = taken_over.collect();
    for name in &taken_over {
        let of_it = engine.iter().filter(|line| is_of(name, line));
        lines.extend(of_it.map(|line| line.replace(ENGINE, &its_path)));
    }
    Ok(lines.iter().map(|line| format!("{}\n", under_its_name(line, &its_path, &taken_over))).collect())
}

/// How the path of what is the engine's begins.
const ENGINE: &str = "agent_platform_core::";

/// The line with `mycel_sdk::Secret` in place of `agent_platform_core::secret::Secret`: the path that an application
/// writes, not the one to where it is defined.
fn under_its_name(line: &str, its_path: &str, taken_over: &[String]) -> String {
    let is_of_a_path = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
    let mut parts = line.split(ENGINE);
    let mut renamed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let path = part.split(|c| !is_of_a_path(c)).next().unwrap_or_default();
        let name = taken_over.iter().find(|name| path.split("::").any(|segment| segment == *name));
        let (owner, rest) = match name.and_then(|name| part.find(name.as_str())) {
            Some(start) => (its_path, &part[start..]),
            None => (ENGINE, part),
        };
        renamed.push_str(owner);
        renamed.push_str(rest);
    }
    renamed
}

/// Whether the line is about this type of the engine.
fn is_of(name: &str, line: &str) -> bool {
    let path = format!("{ENGINE}{name}");
    line.match_indices(&path).any(|(start, _)| {
        let (before, after) = (&line[..start], &line[start + path.len()..]);
        let is_whole = !after.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        is_whole
            && (["pub ", "struct ", "enum ", "fn ", "type ", " for ", "impl ", "From<", "::from("]
                .iter()
                .any(|word| before.ends_with(word)))
    })
}

/// The public API of a package, without what follows from the language itself: blanket implementations, and auto
/// traits, which `auto_traits` tests.
fn items(package: &str) -> Result<Vec<String>, String> {
    // Where the tests were built: some of what is needed may be there already.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["rustdoc", "--locked", "--lib", "--all-features", "--package", package, "--"]).args(JSON);
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).env("CARGO_TARGET_DIR", target).env("RUSTDOC", RUSTDOC);
    run(&mut cargo)?;
    let json = target.join("doc").join(format!("{}.json", package.replace('-', "_")));
    let api = public_api::Builder::from_rustdoc_json(json).omit_blanket_impls(true).omit_auto_trait_impls(true);
    let api = api.build().map_err(|error| error.to_string())?;
    Ok(api.items().map(ToString::to_string).collect())
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{command:?} can't be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{command:?} failed:\n{}", String::from_utf8_lossy(&output.stderr)))
}
