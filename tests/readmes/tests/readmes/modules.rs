//! Each file of Rust belongs to some target: a suite that no `mod` names would not be run, and nobody would be told.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::readme::root;
use crate::workspace::Package;

/// The files of a target: this one, and those of its modules, which are in that folder.
fn reach(file: &Path, modules: &Path, reached: &mut BTreeSet<PathBuf>) {
    if !reached.insert(file.to_owned()) {
        return;
    }
    let source = fs::read_to_string(file).unwrap();
    let mut elsewhere = None;
    for line in source.lines().map(str::trim) {
        if let Some(path) = line.strip_prefix("#[path = \"") {
            elsewhere = path.strip_suffix("\"]");
        }
        let Some(name) = module(line) else { continue };
        let folder = modules.join(name);
        let candidates = match elsewhere.take() {
            Some(path) => vec![file.parent().unwrap().join(path).canonicalize().unwrap()],
            None => vec![folder.with_extension("rs"), folder.join("mod.rs")],
        };
        for candidate in candidates.iter().filter(|candidate| candidate.exists()) {
            reach(candidate, &folder, reached);
        }
    }
}

/// The module that a line says is in a file of its own.
fn module(line: &str) -> Option<&str> {
    let (visibility, rest) = line.strip_suffix(';')?.split_once("mod ")?;
    let is_visibility = visibility.is_empty() || (visibility.starts_with("pub") && visibility.ends_with(' '));
    (is_visibility && rest.chars().all(|letter| letter.is_alphanumeric() || letter == '_')).then_some(rest)
}

/// The files of Rust in a folder and below it.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn each_file_is_part_of_a_target() {
    let (mut reached, mut all) = (BTreeSet::new(), Vec::new());
    for package in Package::all() {
        for file in package.roots() {
            let file = Path::new(file);
            reach(file, file.parent().unwrap(), &mut reached);
        }
        for below in ["src", "tests", "benches", "examples"] {
            sources(&root().join(package.folder()).join(below), &mut all);
        }
    }
    assert!(all.len() > 600, "{}", all.len());
    let left: Vec<_> = all.iter().filter(|file| !reached.contains(*file)).collect();
    assert!(left.is_empty(), "no `mod` names these files, so nothing of them is compiled or run: {left:?}");
}
