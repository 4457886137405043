mod fixture;

#[test]
fn look() {
    for shot in std::env::var("SHOTS").unwrap_or_default().split(';') {
        let (size, keys) = shot.split_once(' ').unwrap_or((shot, ""));
        let Some((w, h)) = size.split_once('x') else { continue };
        let mut harness = fixture::full(w.parse().unwrap(), h.parse().unwrap());
        let keys = match keys.split_once('@') {
            Some((id, keys)) if !id.is_empty() => {
                fixture::select(&mut harness, id);
                keys
            }
            _ => keys.trim_start_matches('@'),
        };
        harness.keys(keys);
        println!("### {shot}\n{}", harness.screen());
    }
}
