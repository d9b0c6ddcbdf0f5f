//! What the READMEs say of crates, folders, commands, settings, features and versions is so.

use std::collections::BTreeSet;
use std::fs;

use crate::readme::{Readme, codes, root, rows};
use crate::workspace::Package;

#[test]
fn the_front_readme_has_each_crate_that_programs_use() {
    let readme = Readme::of("README.md");
    let (table, _) = readme.text.split_once("\n## ").unwrap();
    let of_table = rows(table);
    for package in Package::all() {
        // The engine and the transports are had through the facades.
        if package.is_published() && package.folder().starts_with("sdk/") && package.name() != "agent-platform-core" {
            let link = format!("({}/README.md)", package.folder());
            assert!(of_table.iter().flatten().any(|cell| cell.contains(&link)), "no row leads to {link}");
        }
    }
    let crates = of_table.iter().flat_map(|row| codes(row[2])).filter(|code| code.ends_with("-sdk"));
    for name in crates {
        assert!(Package::named(name).is_published(), "{name}");
    }
}

#[test]
fn the_front_readme_says_what_is_where() {
    let readme = Readme::of("README.md");
    let section = readme.section("What is where");
    let told: BTreeSet<_> =
        section.lines().filter_map(|line| line.split_whitespace().next()?.strip_suffix('/')).collect();
    for folder in &told {
        assert!(root().join(folder).is_dir(), "there is no {folder}");
    }
    let folders = ["openapi", "generated", "xtask"].map(str::to_owned).into_iter();
    let below = ["sdk", "tests"].into_iter().flat_map(|above| {
        let entries = fs::read_dir(root().join(above)).unwrap().map(|entry| entry.unwrap());
        let folders = entries.filter(|entry| entry.path().is_dir());
        folders.map(move |entry| format!("{above}/{}", entry.file_name().to_str().unwrap())).collect::<Vec<_>>()
    });
    for folder in folders.chain(below) {
        assert!(told.contains(folder.as_str()), "README.md does not say what is in {folder}");
    }
}

/// What stands for any name.
fn is_stand_in(name: &str) -> bool {
    name.contains('<') || ["X", "NAME"].contains(&name)
}

#[test]
fn each_command_of_cargo_names_what_there_is() {
    let documents = ["README.md", "CONTRIBUTING.md", "RELEASING.md", "tests/README.md"].into_iter().map(str::to_owned);
    let readmes = Package::all().iter().map(|package| format!("{}/README.md", package.folder()));
    let readmes = readmes.filter(|path| root().join(path).exists() && !path.starts_with("generated/"));
    let mut commands = 0;
    for document in documents.chain(readmes) {
        let readme = Readme::of(&document);
        // A command that is broken between two words is one all the same.
        let text = readme.text.replace('\n', " \n ");
        for (begin, _) in text.match_indices("cargo ") {
            let command = text[begin..].split(['`', '#', '|', ';']).next().unwrap();
            let mut words = command.split([' ']).take_while(|word| *word != "\n").filter(|word| !word.is_empty());
            let (mut package, mut problem) = (None, None);
            while let Some(word) = words.next() {
                let is_no = |kind: &str, name: &str| match package {
                    Some(package) => !Package::targets(package, kind).contains(&name),
                    None => !Package::all().iter().any(|package| package.targets(kind).contains(&name)),
                };
                match (word, &mut words) {
                    ("--", _) => break,
                    ("-p" | "--package", words) => {
                        let Some(name) = words.next().filter(|name| !is_stand_in(name)) else { break };
                        let name = name.trim_end_matches([',', '.', ')']);
                        package = Package::all().iter().find(|package| package.name() == name);
                        problem = package.is_none().then(|| format!("there is no crate {name}"));
                    }
                    ("--example", words) => {
                        let name = words.next().unwrap();
                        problem = is_no("example", name).then(|| format!("there is no example {name}"));
                    }
                    ("--test", words) => {
                        let name = words.next().unwrap();
                        problem = is_no("test", name).then(|| format!("there is no suite {name}"));
                    }
                    _ => {}
                }
                assert!(problem.is_none(), "{document}: {command:?}: {problem:?}");
            }
            commands += 1;
        }
    }
    assert!(commands > 30, "{commands}");
}

/// The settings that every builder of a client has, as the list of a facade's API has them.
fn settings() -> BTreeSet<String> {
    let of = |facade: &str, builder: &str| {
        let api = fs::read_to_string(root().join(format!("tests/public-api/{facade}-sdk.txt"))).unwrap();
        let start = format!("pub fn {facade}_sdk::{builder}::");
        let methods =
            api.lines().filter_map(|line| Some(line.strip_prefix(&start)?.split(['(', '<']).next()?.to_owned()));
        methods.collect::<BTreeSet<_>>()
    };
    let builders = [
        of("mycel", "ClientBuilder"),
        of("m8tes", "ClientBuilder"),
        of("muxi", "FormationClientBuilder"),
        of("muxi", "ServerClientBuilder"),
    ];
    let mut all = builders.into_iter().reduce(|all, of| &all & &of).unwrap();
    for other in ["build", "clone", "fmt"] {
        assert!(all.remove(other), "{other}");
    }
    all
}

/// A table of settings: what is set, with what, and to what where it is not set.
fn told_settings(section: &str) -> Vec<Vec<&str>> {
    let rows = rows(section);
    assert!(rows.iter().all(|row| row.len() == 3), "{rows:?}");
    rows
}

#[test]
fn the_settings_that_all_clients_have_are_told() {
    let readme = Readme::of("README.md");
    let told: BTreeSet<_> = told_settings(readme.section("Settings that all clients have"))
        .iter()
        .flat_map(|row| codes(row[1]))
        .filter_map(|code| code.split('(').next())
        .filter(|code| code.contains('_') || settings().contains(*code))
        .map(str::to_owned)
        .collect();
    assert_eq!(told, settings());
}

#[test]
fn the_settings_of_mycel_are_those_of_all_clients_and_its_own() {
    let (front, mycel) = (Readme::of("README.md"), Readme::of("sdk/mycel/README.md"));
    let all = told_settings(front.section("Settings that all clients have"));
    let of_mycel = told_settings(mycel.section("Settings"));
    let missing: Vec<_> = all.iter().filter(|row| !of_mycel.contains(row)).collect();
    assert!(missing.is_empty(), "sdk/mycel/README.md has no row such as: {missing:?}");
}

#[test]
fn each_feature_is_told() {
    for package in Package::all().iter().filter(|package| package.is_published()) {
        let readme = Readme::of(&format!("{}/README.md", package.folder()));
        let told: BTreeSet<_> = codes(&readme.text).collect();
        for feature in package.features() {
            assert!(told.contains(feature), "{} does not tell of the feature `{feature}`", readme.path);
        }
    }
    let core = Readme::of("sdk/core/README.md");
    let told: BTreeSet<_> = rows(&core.text).iter().flat_map(|row| codes(row[0])).map(str::to_owned).collect();
    let features = Package::named("agent-platform-core").features();
    assert_eq!(told, features.into_iter().map(str::to_owned).collect());
}

#[test]
fn the_versions_of_rust_are_those_of_the_manifests() {
    let own = Package::named("xtask").rust_version();
    let front = Readme::of("README.md");
    assert!(front.text.contains(&format!("Rust {own} or newer")), "README.md: Rust {own}");
    let contributing = Readme::of("CONTRIBUTING.md");
    assert!(contributing.text.contains(&format!("Rust {own}")), "CONTRIBUTING.md: Rust {own}");
    let releasing = Readme::of("RELEASING.md");
    let section = releasing.section("Which Rust");
    let published: BTreeSet<_> =
        Package::all().iter().filter(|package| package.is_published()).map(Package::rust_version).collect();
    for version in published.iter().copied().chain([own]) {
        assert!(section.contains(version), "RELEASING.md does not say which crates state {version}");
    }
}

#[test]
fn each_crate_that_is_published_has_a_changelog_and_the_root_leads_to_it() {
    let root = Readme::of("CHANGELOG.md");
    for package in Package::all().iter().filter(|package| package.is_published()) {
        let path = format!("{}/CHANGELOG.md", package.folder());
        let changelog = Readme::of(&path);
        assert!(changelog.text.contains(&format!("# Changelog of {}\n", package.name())), "{path}");
        // Those of the transports are generated.
        if package.folder().starts_with("sdk/") {
            assert!(changelog.text.contains("\n## [Unreleased]\n"), "{path}");
            assert!(root.text.contains(&format!("({path})")), "CHANGELOG.md does not lead to {path}");
        }
    }
}
