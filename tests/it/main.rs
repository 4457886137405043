//! Everything that needs more than one room, in one binary: it links once.

mod architecture;
mod headless;
mod python;
mod scenario;
mod support;
