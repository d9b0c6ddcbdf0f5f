//! The parts of a JSON document.

use serde_json::Value;

/// Appends the JSON pointers of all parts below a value that stands at `pointer`.
pub fn pointers(value: &Value, pointer: &str, into: &mut Vec<String>) {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(array) => array.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (key, child) in children {
        let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
        pointers(child, &pointer, into);
        into.push(pointer);
    }
}

/// The pointer of a part's parent, and the part's key in it.
pub fn at(pointer: &str) -> (String, String) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    (parent.to_owned(), key.replace("~1", "/").replace("~0", "~"))
}

/// Takes a part out.
pub fn remove(document: &mut Value, pointer: &str) {
    let (parent, key) = at(pointer);
    match document.pointer_mut(&parent).unwrap() {
        Value::Object(object) => drop(object.remove(&key)),
        Value::Array(array) => drop(array.remove(key.parse().unwrap())),
        other => panic!("{pointer} is no part of {other}"),
    }
}
