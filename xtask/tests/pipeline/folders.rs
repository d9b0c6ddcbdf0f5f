//! Backends are found by their folders, and registered nowhere else.

use std::fs;

use xtask::{Backend, Error, Kind, Source, check_no_left_over_crate};

use crate::workspace::{CONTRACT, SCHEMAS, Workspace};

/// A workspace with a second backend of the same operations, whose contract starts with that line.
fn with_another(folder: &str, first_line: &str) -> Workspace {
    let workspace = Workspace::regenerated();
    fs::create_dir(workspace.path(&format!("openapi/{folder}"))).unwrap();
    assert!(CONTRACT.contains("crate = \"library-client\""));
    let contract = CONTRACT.replace("crate = \"library-client\"", first_line);
    workspace.write(&format!("openapi/{folder}/contract.toml"), &contract);
    workspace.write(&format!("openapi/{folder}/schemas.json"), SCHEMAS);
    workspace
}

fn all(workspace: &Workspace) -> Result<Vec<Backend>, Error> {
    Backend::all(workspace.root())
}

#[test]
fn another_folder_is_another_backend_with_a_crate_of_its_own() {
    let workspace = with_another("archive", "crate = \"archive-client\"");
    let names: Vec<_> =
        all(&workspace).unwrap().into_iter().map(|backend| (backend.name, backend.crate_name)).collect();
    let named = |name: &str, crate_name: &str| (name.to_owned(), crate_name.to_owned());
    assert_eq!(names, [named("archive", "archive-client"), named("library", "library-client")]);

    let archive = Backend::find(workspace.root(), "archive").unwrap();
    let export = Source::File(workspace.path("export.json"));
    xtask::import(&archive, &export).unwrap();
    assert_eq!(xtask::regenerate(&archive).unwrap(), 10);
    assert!(workspace.read("generated/archive-client/Cargo.toml").contains("name = \"archive-client\""));
    assert!(workspace.read("generated/archive-client/src/lib.rs").contains("from openapi/archive;"));
    let readme = workspace.read("generated/archive-client/README.md");
    assert!(readme.contains("from openapi/archive;") && readme.contains("# archive-client\n"), "{readme}");
    assert_eq!(xtask::drift(&archive, &export).unwrap().verdict(), xtask::Verdict::Unchanged);
    // The other one is as it was.
    assert_eq!(xtask::regenerate(&workspace.backend).unwrap(), 0);
}

#[test]
fn a_contract_need_not_name_its_crate() {
    let workspace = with_another("archive", "");
    assert_eq!(Backend::find(workspace.root(), "archive").unwrap().crate_name, "archive-web-backend-client");
}

#[test]
fn a_folder_without_a_contract_is_none() {
    let workspace = Workspace::regenerated();
    fs::create_dir(workspace.path("openapi/notes")).unwrap();
    workspace.write("openapi/README.md", "");
    assert_eq!(all(&workspace).unwrap().len(), 1);
}

#[test]
fn without_a_folder_of_contracts_there_are_no_backends() {
    let empty = tempfile::tempdir().unwrap();
    assert!(Backend::all(empty.path()).unwrap().is_empty());
    fs::write(empty.path().join("openapi"), "").unwrap();
    assert_eq!(Backend::all(empty.path()).unwrap_err().kind(), Kind::Unreadable);
}

#[test]
fn a_name_that_no_folder_has_is_refused_with_those_that_there_are() {
    let workspace = with_another("archive", "");
    for name in ["other", "", "..", "../openapi/library", "library/", "Library"] {
        let error = Backend::find(workspace.root(), name).unwrap_err();
        assert_eq!(error.kind(), Kind::Unreadable);
        assert!(error.to_string().contains("(archive, library)"), "{error}");
    }
}

#[test]
fn two_contracts_may_not_name_one_crate() {
    let workspace = with_another("archive", "crate = \"library-client\"");
    let error = all(&workspace).unwrap_err();
    assert_eq!(error.kind(), Kind::Contract);
    assert!(error.to_string().contains("openapi/library/contract.toml: names the crate of archive"), "{error}");
}

#[test]
fn a_folder_with_a_contract_has_a_plain_name() {
    let workspace = with_another("The Archive", "");
    let error = all(&workspace).unwrap_err().to_string();
    assert!(error.contains("The Archive: has a name that is not of small letters"), "{error}");
}

#[test]
fn a_crate_of_no_contract_is_found() {
    let workspace = Workspace::regenerated();
    check_no_left_over_crate(workspace.root(), &all(&workspace).unwrap()).unwrap();
    workspace.replace("openapi/library/contract.toml", "crate = \"library-client\"", "crate = \"new-client\"");
    let error = check_no_left_over_crate(workspace.root(), &all(&workspace).unwrap()).unwrap_err();
    assert_eq!(error.kind(), Kind::Stale);
    assert!(error.to_string().contains("generated/library-client: is the crate of no contract"), "{error}");
}
