//! What the pipeline works on: a contract, the shapes of the answers, and an export, in a folder of their own.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::Result;

/// A folder with all that `import` reads.
pub(super) struct Workspace {
    folder: TempDir,
    export: PathBuf,
}

/// The contract, as far as it is changed here.
#[derive(Deserialize, Serialize)]
struct Contract {
    secret: Vec<String>,
    public: BTreeMap<String, Public>,
    #[serde(default)]
    private: Vec<toml::Table>,
}

#[derive(Clone, Deserialize, Serialize)]
struct Public {
    call: String,
    answer: String,
    repeat: bool,
}

impl Workspace {
    pub(super) fn new(contract: &str, schemas: &str, export: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let parts = folder.path().join("openapi/mycel");
        fs::create_dir_all(&parts)?;
        fs::write(parts.join("contract.toml"), contract)?;
        fs::write(parts.join("schemas.json"), schemas)?;
        let path = folder.path().join("export.json");
        fs::write(&path, export)?;
        Ok(Self { folder, export: path })
    }

    /// The Mycel backend's, so many times over: each copy has paths, operations and schemas of its own names, which
    /// are as public as those of the first.
    pub(super) fn mycel(copies: usize) -> Result<Self> {
        let parts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/mycel");
        let mut contract: Contract = toml::from_str(&fs::read_to_string(parts.join("contract.toml"))?)?;
        let schemas = fs::read_to_string(parts.join("schemas.json"))?;
        let mut export: Value = serde_json::from_str(&fs::read_to_string(parts.join("backend.json"))?)?;

        let public = contract.public.clone();
        let (paths, components) = (object(&mut export, "/paths")?.clone(), components(&mut export)?.clone());
        for copy in 1..copies {
            for (name, operation) in &public {
                let call = operation.call.replacen(" /", &format!(" /copy{copy}/"), 1);
                contract.public.insert(format!("{name}_copy{copy}"), Public { call, ..operation.clone() });
            }
            let copied = paths.iter().map(|(path, item)| (format!("/copy{copy}{path}"), renamed(item, copy)));
            object(&mut export, "/paths")?.extend(copied);
            let copied = components.iter().map(|(name, schema)| (format!("{name}Copy{copy}"), renamed(schema, copy)));
            self::components(&mut export)?.extend(copied);
        }
        restore_left_out(&mut export)?;
        Self::new(&toml::to_string(&contract)?, &schemas, &export.to_string())
    }

    pub(super) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn export(&self) -> &Path {
        &self.export
    }

    /// How long the export is.
    pub(super) fn export_bytes(&self) -> Result<u32> {
        Ok(u32::try_from(fs::metadata(&self.export)?.len())?)
    }

    /// Removes all that was made of the export before.
    pub(super) fn empty(&self) -> Result<()> {
        let parts = self.root().join("openapi/mycel");
        for made in [parts.join("backend.json"), parts.join("public.json"), self.root().join("generated")] {
            let removed = if made.is_dir() { fs::remove_dir_all(&made) } else { fs::remove_file(&made) };
            match removed {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Puts the operations in again that the import left out, as far as it tells of them.
fn restore_left_out(export: &mut Value) -> Result<()> {
    let left_out = export.as_object_mut().and_then(|export| export.remove("x-left-out")).unwrap_or_default();
    for operation in left_out.as_array().into_iter().flatten() {
        let text = |key| operation.get(key).and_then(Value::as_str).ok_or("backend.json left out what has no name");
        let (method, path, id) = (text("method")?, text("path")?, text("operationId")?);
        let item = object(export, "/paths")?.entry(path).or_insert_with(|| json!({}));
        let item = item.as_object_mut().ok_or("backend.json has a path that is no object")?;
        item.insert(method.to_ascii_lowercase(), json!({"operationId": id, "responses": {}}));
    }
    Ok(())
}

fn components(export: &mut Value) -> Result<&mut Map<String, Value>> {
    object(export, "/components/schemas")
}

fn object<'v>(document: &'v mut Value, pointer: &str) -> Result<&'v mut Map<String, Value>> {
    let found = document.pointer_mut(pointer).and_then(Value::as_object_mut);
    found.ok_or_else(|| format!("backend.json has no {pointer}").into())
}

/// The same with other names of its operations and of the schemas that it refers to.
fn renamed(value: &Value, copy: usize) -> Value {
    match value {
        Value::Object(object) => {
            let renamed_entry = |(key, value): (&String, &Value)| {
                let renamed = match (key.as_str(), value) {
                    ("operationId", Value::String(id)) => json!(format!("{id}_copy{copy}")),
                    ("$ref", Value::String(target)) => json!(format!("{target}Copy{copy}")),
                    (_, value) => renamed(value, copy),
                };
                (key.clone(), renamed)
            };
            Value::Object(object.iter().map(renamed_entry).collect())
        }
        Value::Array(items) => items.iter().map(|item| renamed(item, copy)).collect(),
        scalar => scalar.clone(),
    }
}
