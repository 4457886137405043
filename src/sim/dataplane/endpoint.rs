//! Where clients reach a database: an address of its own that only this machine has, so that each can have the port of
//! its cluster.

use std::io;
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener};

/// How many addresses are tried before another port is taken.
const TRIED: u32 = 20;

/// An endpoint with this port that nobody listens on, or one with another port where the system has one loopback address
/// only, or somebody listens on this port of all addresses.
pub fn free(port: u16) -> io::Result<SocketAddrV4> {
    if cfg!(target_os = "linux") {
        for _ in 0..TRIED {
            // All of 127.0.0.0/8 is this machine; 127.0.x.x is left to others.
            let address = Ipv4Addr::new(127, fastrand::u8(1..=254), fastrand::u8(1..=254), fastrand::u8(1..=254));
            let endpoint = SocketAddrV4::new(address, port);
            if TcpListener::bind(endpoint).is_ok() {
                return Ok(endpoint);
            }
        }
    }
    let any = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    Ok(SocketAddrV4::new(Ipv4Addr::LOCALHOST, any.port()))
}

/// Whether a server did not start because somebody else listens there.
pub fn is_taken(error: &io::Error) -> bool {
    error.to_string().contains("already in use")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_all_addresses_have_is_given_up() {
        let all = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
        let taken = all.local_addr().unwrap().port();
        let endpoint = free(taken).unwrap();
        assert!(endpoint.ip().is_loopback());
        assert_ne!(endpoint.port(), taken);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn two_databases_have_the_same_port_and_not_the_same_address() {
        let first = free(13_306).unwrap();
        let _listening = TcpListener::bind(first).unwrap();
        let second = free(13_306).unwrap();
        assert_eq!(first.port(), second.port());
        assert_ne!(first.ip(), second.ip());
    }
}
