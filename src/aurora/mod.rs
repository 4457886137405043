//! Room `aurora`.
