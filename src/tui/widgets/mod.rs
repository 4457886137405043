//! Widgets that know the domain and nothing of the dashboard's state.

pub mod timeline;
