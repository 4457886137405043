//! Everything that looks like chance comes from a seed and a name, so that a run can be repeated.

use fastrand::Rng;

/// A generator that depends on nothing but the seed and the names.
pub fn of(seed: u64, names: &[&str]) -> Rng {
    // FNV-1a: the standard library's hashers may change between releases, and with them every demo.
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325 ^ seed;
    for name in names {
        for byte in name.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    let mut rng = Rng::with_seed(hash);
    // Neighbouring seeds begin alike; one step spreads them.
    Rng::with_seed(rng.u64(..))
}

/// Keeps a generator where it stands, so that what follows a restart is what would have followed without it.
pub mod kept {
    use fastrand::Rng;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes where the generator stands.
    pub fn serialize<S: Serializer>(rng: &Rng, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(rng.get_seed())
    }

    /// A generator that stands where the written one stood.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Rng, D::Error> {
        u64::deserialize(deserializer).map(Rng::with_seed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_names_draw_the_same_and_others_do_not() {
        let draw = |seed, names: &[&str]| of(seed, names).u64(..);
        assert_eq!(draw(1, &["a", "b"]), draw(1, &["a", "b"]));
        assert_ne!(draw(1, &["a", "b"]), draw(2, &["a", "b"]));
        assert_ne!(draw(1, &["a", "b"]), draw(1, &["ab"]));
    }
}
