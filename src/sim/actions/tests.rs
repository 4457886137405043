//! The actions against an account without HTTP.
