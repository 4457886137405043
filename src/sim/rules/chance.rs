//! Everything that looks like chance comes from a seed and a name, so that a run can be repeated.

use fastrand::Rng;

/// A generator that depends on nothing but the seed and the names.
pub fn of(seed: u64, names: &[&str]) -> Rng {
    spread(names.iter().fold(BASIS ^ seed, |hash, name| mixed(hash, name.bytes())))
}

/// The same for a name and a number, without making a text of it: loads are asked for every hour of months.
pub fn numbered(seed: u64, name: &str, number: i64) -> Rng {
    let (mut digits, mut left, mut first) = ([0; 20], number.unsigned_abs(), 20);
    loop {
        first -= 1;
        digits[first] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    let sign = (number < 0).then_some(b'-');
    let hash = mixed(BASIS ^ seed, name.bytes());
    spread(mixed(hash, sign.into_iter().chain(digits[first..].iter().copied())))
}

/// FNV-1a: the standard library's hashers may change between releases, and with them every demo.
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;

fn mixed(hash: u64, bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.chain([0xff]).fold(hash, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

fn spread(hash: u64) -> Rng {
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

    #[test]
    fn a_number_is_its_text() {
        for number in [0, 7, 10, 498_765, -1, i64::MAX, i64::MIN] {
            assert_eq!(numbered(3, "hour", number).u64(..), of(3, &["hour", &number.to_string()]).u64(..), "{number}");
        }
    }
}
