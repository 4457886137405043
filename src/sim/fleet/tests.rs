//! Fleets as accounts.
