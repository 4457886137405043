//! The process: arguments, terminal, exit code.
fn main() {}
