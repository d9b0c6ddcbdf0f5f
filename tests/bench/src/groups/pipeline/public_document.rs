//! The OpenAPI document of GitHub's REST API, of a fixed version, as an npm package has it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::workspace::Workspace;
use crate::Result;

const PACKAGE: &str = "@octokit/openapi@23.0.2";

/// The archive that npm makes of it.
const ARCHIVE: &str = "octokit-openapi-23.0.2.tgz";

/// A few operations that the pipeline takes; the others are private.
const CONTRACT: &str = r#"
[public.get_root]
call = "GET /"
answer = "Anything"
repeat = true

[public.list_agent_tasks]
call = "GET /agents/repos/{owner}/{repo}/tasks"
answer = "Anything"
repeat = true

[public.get_app]
call = "GET /app"
answer = "Anything"
repeat = true

[public.get_feeds]
call = "GET /feeds"
answer = "Anything"
repeat = true

[public.get_app_hook]
call = "GET /app/hook/config"
answer = "Anything"
repeat = true

[public.list_versions]
call = "GET /versions"
answer = "Anything"
repeat = true

[[private]]
calls = ["* /**"]
reason = "everything else"
"#;

/// The shape of all answers.
const SCHEMAS: &str = r#"{"Anything": {"type": "object", "properties": {"url": {"type": "string"}}}}"#;

/// One of the documents in the package.
#[derive(Clone, Copy)]
pub(super) struct PublicDocument(&'static str);

impl PublicDocument {
    /// 13 MB.
    pub(super) const PLAIN: Self = Self("package/generated/api.github.com.json");

    /// What a reference refers to in its place: 73 MB.
    pub(super) const WITHOUT_REFERENCES: Self = Self("package/generated/api.github.com.deref.json");

    /// A workspace with it as the export.
    pub(super) fn workspace(self, folder: &Path) -> Result<Workspace> {
        let Self(path) = self;
        let text = fs::read_to_string(folder.join(path))?;
        // `import` takes 3.1 alone. What differs between the two is in no operation that is public here.
        let text = text.replacen(r#""openapi": "3.0.3""#, r#""openapi": "3.1.0""#, 1);
        Workspace::new(CONTRACT, SCHEMAS, &text)
    }
}

/// Gets the package, unless it is there from an earlier time, and tells the folder that it lies in.
pub(super) fn fetch(target: &Path) -> Result<PathBuf> {
    let folder = target.join("bench");
    let documents = [PublicDocument::PLAIN, PublicDocument::WITHOUT_REFERENCES].map(|PublicDocument(path)| path);
    if documents.iter().all(|path| folder.join(path).is_file()) {
        return Ok(folder);
    }
    fs::create_dir_all(&folder)?;
    run(Command::new("npm").args(["pack", "--silent", PACKAGE]).current_dir(&folder))?;
    run(Command::new("tar").args(["-xzf", ARCHIVE]).args(documents).current_dir(&folder))?;
    Ok(folder)
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{program} ends with {status}").into()),
        Err(error) => Err(format!("there is no {program}: {error}").into()),
    }
}
