//! The real program in a pseudo-terminal: keys in, a screen out, and the terminal as it was before.

mod data;
mod given_back;
mod looks;
mod outside;
mod session;
mod terminal;
