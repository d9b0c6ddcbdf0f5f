//! What the READMEs say is held by the tests of this crate. It has nothing of its own.
