//! The command line.

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand, ValueEnum};

use crate::error::Result;
use crate::{Backend, Imported, Source, import, regenerate, stale, stale_error};

/// Keeps the generated transport crates in step with what their backends promise.
///
/// A backend's files lie in openapi/BACKEND: contract.toml and schemas.json are written by hand,
/// backend.json by `import`, public.json and the crate in generated/ by `regenerate`. When the backend
/// changes: import its new export, classify in contract.toml what the import names, regenerate, and
/// follow the compile errors.
///
/// Exit codes: 0 done; 1 refused or stale, with one line on standard error that says where, what and
/// what to do; 2 a command line that is none.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub struct Cli {
    /// The workspace to work on; default: the one that this xtask belongs to.
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take the public part of a backend's OpenAPI export into the repository.
    ///
    /// Reads the export, contract.toml and schemas.json. Writes openapi/BACKEND/backend.json: the
    /// operations that contract.toml makes public and the schemas that they reach, as exported but
    /// without prose, and the names of the rest. Refuses an export with an operation that contract.toml
    /// does not classify, and whatever `regenerate` would refuse; nothing is written then.
    #[command(after_help = "Example: cargo xtask import mycel --from http://127.0.0.1:8042/openapi.json")]
    Import {
        /// The backend that the export is of.
        backend: Name,
        /// An OpenAPI 3.1 document in JSON, or the http(s) address of one.
        #[arg(long, value_name = "FILE|URL")]
        from: Source,
    },

    /// Write public.json and the generated crate anew. Needs no network.
    ///
    /// Reads openapi/BACKEND/{backend.json,contract.toml,schemas.json}. Writes
    /// openapi/BACKEND/public.json, which is OpenAPI 3.0.3, and the crate's whole folder in generated/:
    /// what does not belong there is removed. Two runs write the same bytes.
    #[command(after_help = "Example: cargo xtask regenerate --check")]
    Regenerate {
        /// The backend; default: every backend.
        backend: Option<Name>,
        /// Write nothing; print a diff of what is stale, and exit with 1 if anything is.
        #[arg(long)]
        check: bool,
    },
}

/// The backends there are.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Name {
    /// The Mycel web backend.
    Mycel,
}

impl Name {
    fn backend(self, root: &Path) -> Backend {
        match self {
            Self::Mycel => Backend::mycel(root),
        }
    }
}

impl Cli {
    /// Does what the command line asks for, and hands out what to print.
    ///
    /// # Errors
    ///
    /// A refusal, together with what there is to print all the same.
    pub fn run(self) -> (String, Result<()>) {
        let root = self.root.unwrap_or_else(workspace);
        match self.command {
            Command::Import { backend, from } => match import(&backend.backend(&root), &from) {
                Ok(imported) => (summary(&imported), Ok(())),
                Err(error) => (String::new(), Err(error)),
            },
            Command::Regenerate { backend, check } => {
                let backends = match backend {
                    Some(name) => vec![name],
                    None => Name::value_variants().to_vec(),
                };
                let mut printed = String::new();
                for name in backends {
                    let backend = name.backend(&root);
                    let done = if check {
                        check_one(&backend, &root, &mut printed)
                    } else {
                        regenerate_one(&backend, &mut printed)
                    };
                    if done.is_err() {
                        return (printed, done);
                    }
                }
                (printed, Ok(()))
            }
        }
    }
}

fn regenerate_one(backend: &Backend, printed: &mut String) -> Result<()> {
    let files = match regenerate(backend)? {
        0 => "up to date".to_owned(),
        1 => "1 file written or removed".to_owned(),
        count => format!("{count} files written or removed"),
    };
    printed.push_str(&format!("{}: {files}\n", backend.name));
    Ok(())
}

fn check_one(backend: &Backend, root: &Path, printed: &mut String) -> Result<()> {
    let diff = stale(backend, root)?;
    if !diff.is_empty() {
        printed.push_str(&diff);
        return Err(stale_error(backend));
    }
    printed.push_str(&format!("{}: up to date\n", backend.name));
    Ok(())
}

fn summary(imported: &Imported) -> String {
    let Imported { operations, public, written } = imported;
    let private = operations - public;
    let file = if *written { "written" } else { "up to date" };
    format!(
        "{operations} operations in the export: {public} public, {private} private, 0 unclassified\n\
         backend.json: {file}\n"
    )
}

/// The workspace that this crate is a member of.
fn workspace() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}
