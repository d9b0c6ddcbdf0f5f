//! What has to be compared, so that nothing is left out in silence.

use std::collections::BTreeSet;

use super::{document::Document, request::Request, table::OursAlone};
use crate::problem::Problem;

/// What was compared: requests that both clients sent.
#[derive(Debug, Default)]
pub struct Coverage {
    operations: BTreeSet<String>,
    /// Of an operation: a parameter or property that both gave.
    given: BTreeSet<(String, String)>,
    /// Of an operation: a segment of its path that had to be encoded.
    encoded: BTreeSet<(String, usize)>,
    /// Operations in whose place the other client sends another.
    replaced: BTreeSet<String>,
    calls: BTreeSet<String>,
}

impl Coverage {
    /// Notes a call of the official client's that was made.
    pub fn call(&mut self, name: &str) {
        self.calls.insert(name.to_owned());
    }

    /// Notes two requests of one operation that were compared.
    pub fn compared(&mut self, first: &Request, second: &Request) {
        let operation = &first.operation;
        self.operations.insert(operation.clone());
        let both = first.given.iter().filter(|name| second.given.contains(name));
        self.given.extend(both.map(|name| (operation.clone(), name.clone())));
        let odd = first.path.iter().enumerate().filter(|(_, segment)| has_to_be_encoded(segment));
        self.encoded.extend(odd.map(|(index, _)| (operation.clone(), index)));
    }

    /// Notes an operation that one client sends in the place of another's.
    pub fn replaced(&mut self, operation: &str) {
        self.replaced.insert(operation.to_owned());
    }

    /// How many of the contract's operations were compared.
    pub fn operations(&self, contract: &Document) -> usize {
        contract.operations.iter().filter(|operation| self.operations.contains(&operation.name)).count()
    }

    /// Fails if an operation, one of its parameters or properties, or a method of the official client is missing, but
    /// for the operations that our client alone has.
    pub fn check(&self, contract: &Document, methods: &[String], ours_alone: &[OursAlone]) -> Result<(), Problem> {
        let mut missing = Vec::new();
        for OursAlone { operation, reason } in ours_alone {
            let is_one = contract.operations.iter().any(|known| known.name == *operation);
            if !is_one || self.operations.contains(operation) || reason.trim().is_empty() {
                missing.push(format!("{operation} is not ours alone, or no operation, or has no reason"));
            }
        }
        for operation in &contract.operations {
            let name = &operation.name;
            let is_ours_alone = ours_alone.iter().any(|ours| ours.operation == *name);
            if is_ours_alone || self.replaced.contains(name) {
                continue;
            }
            if !self.operations.contains(name) {
                missing.push(format!(
                    "{name} is not compared: give it a case in wire-cases.toml, or, where the official client does not \
                     have it yet, a row [[ours-alone]] in wire-differences.toml"
                ));
                continue;
            }
            let declared = operation.query.keys().cloned().chain(contract.properties(operation));
            let not_given = declared.filter(|field| !self.given.contains(&(name.clone(), field.clone())));
            missing.extend(not_given.map(|field| format!("{name} is not compared with {field}")));
            let plain = operation.parameters().filter(|(index, _)| !self.encoded.contains(&(name.clone(), *index)));
            missing.extend(plain.map(|(_, field)| format!("{name} is not compared with a {field} to be encoded")));
        }
        let not_called = methods.iter().filter(|method| !self.calls.contains(*method));
        missing.extend(not_called.map(|method| format!("the official client's {method} is not called")));
        if missing.is_empty() { Ok(()) } else { Err(Problem::new(missing.join("\n"))) }
    }
}

fn has_to_be_encoded(segment: &str) -> bool {
    [':', ' ', '%'].iter().all(|character| segment.contains(*character)) && !segment.is_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_compared_is_named() {
        let contract = Document::read().unwrap();
        let problem = Coverage::default().check(&contract, &["chats.list".to_owned()], &[]).unwrap_err().to_string();
        assert_eq!(problem.lines().count(), contract.operations.len() + 1);
        assert!(problem.contains("send_message is not compared"), "{problem}");
        assert!(problem.contains("chats.list is not called"), "{problem}");
    }

    #[test]
    fn an_operation_is_compared_with_all_that_it_takes() {
        let contract = Document::read().unwrap();
        let mut coverage = Coverage::default();
        coverage.operations.extend(contract.operations.iter().map(|operation| operation.name.clone()));
        let problem = coverage.check(&contract, &[], &[]).unwrap_err().to_string();
        assert!(problem.contains("list_messages is not compared with before"), "{problem}");
        assert!(problem.contains("send_message is not compared with reply_to"), "{problem}");
        assert!(problem.contains("get_task is not compared with a {task_id} to be encoded"), "{problem}");
    }

    #[test]
    fn what_our_client_alone_has_is_not_compared() {
        let contract = Document::read().unwrap();
        let ours =
            |operation: &str, reason: &str| OursAlone { operation: operation.to_owned(), reason: reason.to_owned() };
        let mut coverage = Coverage::default();
        coverage.operations.insert("whoami".to_owned());
        let told = |ours: OursAlone| coverage.check(&contract, &[], &[ours]).unwrap_err().to_string();
        assert!(!told(ours("send_message", "new")).contains("send_message"));
        for wrong in [ours("send_message", " "), ours("whoami", "compared"), ours("moon_rise", "unknown")] {
            assert!(told(wrong).contains("is not ours alone, or no operation, or has no reason"));
        }
    }
}
