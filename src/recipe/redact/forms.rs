//! How a secret may look in output.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{SHORTEST, printable};

/// What RFC 3986 leaves unreserved.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What JavaScript's `encodeURIComponent` leaves as it is.
const COMPONENT: &AsciiSet = &UNRESERVED.remove(b'!').remove(b'\'').remove(b'(').remove(b')').remove(b'*');
/// What the user part of an URL must not have (URL Standard, userinfo percent-encode set).
const USERINFO: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'/')
    .add(b':')
    .add(b';')
    .add(b'=')
    .add(b'@')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'|');

/// Every form of `secret` that is long enough to be looked for; none if it is too short itself.
pub fn of(secret: &str) -> Vec<String> {
    if secret.chars().count() < SHORTEST {
        return Vec::new();
    }
    // Output is read line by line.
    let lines = secret.lines().map(str::trim).filter(|line| *line != secret);
    let mut forms: Vec<String> = std::iter::once(secret).chain(lines).flat_map(written).collect();
    // What is looked at a second time has no control characters any more.
    let shown: Vec<String> = forms.iter().map(|form| printable(form)).collect();
    forms.extend(shown);
    forms.retain(|form| form.chars().count() >= SHORTEST);
    forms.sort_unstable();
    forms.dedup();
    forms
}

fn written(text: &str) -> Vec<String> {
    let mut forms = vec![text.to_owned()];
    for set in [NON_ALPHANUMERIC, UNRESERVED, COMPONENT, USERINFO] {
        let encoded = utf8_percent_encode(text, set).to_string();
        forms.push(encoded.replace("%20", "+"));
        forms.push(lower_hex(&encoded));
        forms.push(encoded);
    }
    forms.extend(quoted(text));
    for engine in [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD] {
        forms.push(engine.encode(text));
        forms.extend((0..3).map(|offset| within_base64(text, offset, |bytes| engine.encode(bytes))));
    }
    let digits = text.bytes().flat_map(|byte| [byte >> 4, byte & 15]);
    let hex: String = digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect();
    forms.push(hex.to_uppercase());
    forms.push(hex);
    forms
}

/// The characters of base64 that are the text's alone, when so many bytes beyond a multiple of three stand before it: as
/// in `Authorization: Basic`.
fn within_base64(text: &str, offset: usize, encode: impl Fn(&[u8]) -> String) -> String {
    let mut bytes = vec![0; offset];
    bytes.extend_from_slice(text.as_bytes());
    let (from, to) = ((offset * 8).div_ceil(6), bytes.len() * 8 / 6);
    encode(&bytes)[from..to].to_owned()
}

/// As programs quote it: shells, JSON, SQL, XML, and debug output.
fn quoted(text: &str) -> Vec<String> {
    let json = serde_json::to_string(text).unwrap_or_default();
    let json = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).unwrap_or_default();
    let debug = format!("{text:?}");
    vec![
        json.to_owned(),
        json.replace('/', "\\/"),
        escaped_json(json, |c| !c.is_ascii()),
        escaped_json(json, |c| !c.is_ascii() || matches!(c, '<' | '>' | '&' | '\'')),
        debug[1..debug.len() - 1].to_owned(),
        text.replace('\'', r"'\''"),
        text.replace('\'', r#"'"'"'"#),
        text.replace('\'', "''"),
        text.replace('"', "\"\""),
        backslashed(text, &['\\', '\'']),
        backslashed(text, &['\\', '"']),
        backslashed(text, &['\\', '\'', '"']),
        backslashed(text, &['\\', '"', '$', '`']),
        text.chars().fold(String::new(), |mut all, c| {
            if c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '.' | '/' | '+' | ':' | '@' | '%')
            {
                all.push('\\');
            }
            all.push(c);
            all
        }),
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"),
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"),
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&#39;"),
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&apos;"),
    ]
}

/// JSON with more characters as `\uXXXX`: not every writer leaves as many as they are.
fn escaped_json(json: &str, wanted: impl Fn(char) -> bool) -> String {
    let mut all = String::new();
    for c in json.chars() {
        if wanted(c) {
            let mut units = [0; 2];
            all.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            all.push(c);
        }
    }
    all
}

fn backslashed(text: &str, which: &[char]) -> String {
    let mut all = String::new();
    for c in text.chars() {
        if which.contains(&c) {
            all.push('\\');
        }
        all.push(c);
    }
    all
}

/// Percent-encoded text with its hexadecimal digits in lower case.
fn lower_hex(encoded: &str) -> String {
    let mut left = 0;
    encoded
        .chars()
        .map(|c| {
            if c == '%' {
                left = 2;
                c
            } else if left > 0 {
                left -= 1;
                c.to_ascii_lowercase()
            } else {
                c
            }
        })
        .collect()
}
