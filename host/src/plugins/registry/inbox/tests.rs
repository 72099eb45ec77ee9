use std::fs;

use super::*;

/// Names of the files, with a plus where the bytes came along; and of those that were never read.
async fn look(seen: &mut Seen, folder: &Path) -> (String, Vec<String>) {
    let look = seen.read(folder).await;
    let files: Vec<String> = look
        .candidates
        .iter()
        .map(|one| match &one.bytes {
            Some(bytes) => {
                assert_eq!(sha256_hex(bytes), one.sha256);
                format!("+{}", one.file)
            }
            None => one.file.clone(),
        })
        .collect();
    let unread = look.unread.into_iter().map(|(file, _)| file).collect();
    (files.join(" "), unread)
}

fn nothing() -> Vec<String> {
    Vec::new()
}

/// Puts a link to itself there, which nobody can read, whoever they are.
#[cfg(unix)]
fn spoil(path: &Path) {
    let _ = fs::remove_file(path);
    std::os::unix::fs::symlink(path, path).expect("linked");
}

#[tokio::test]
async fn only_what_changed_is_read() {
    let home = tempfile::tempdir().expect("a folder");
    let at = |name: &str| home.path().join(name);
    let mut seen = Seen::default();
    assert_eq!(
        look(&mut seen, &at("none")).await,
        (String::new(), nothing())
    );
    fs::write(at("b.wasm"), "b").expect("written");
    fs::write(at("a.wasm"), "").expect("written");
    fs::write(at("a.txt"), "a").expect("written");
    fs::create_dir(at("c.wasm")).expect("made");
    let read = look(&mut seen, home.path()).await;
    assert_eq!(read.0, "+a.wasm +b.wasm");
    assert_eq!(look(&mut seen, home.path()).await.0, "a.wasm b.wasm");
    fs::write(at("a.wasm"), "longer").expect("written");
    fs::remove_file(at("b.wasm")).expect("removed");
    assert_eq!(look(&mut seen, home.path()).await.0, "+a.wasm");
}

#[tokio::test]
async fn a_replacement_of_the_same_length_and_time_is_seen() {
    let home = tempfile::tempdir().expect("a folder");
    let at = |name: &str| home.path().join(name);
    let mut seen = Seen::default();
    fs::write(at("a.wasm"), "one").expect("written");
    assert_eq!(look(&mut seen, home.path()).await.0, "+a.wasm");
    let modified = fs::metadata(at("a.wasm")).and_then(|facts| facts.modified());
    fs::write(at("new"), "two").expect("written");
    fs::File::options()
        .write(true)
        .open(at("new"))
        .and_then(|file| file.set_modified(modified.expect("a time")))
        .expect("set");
    fs::rename(at("new"), at("a.wasm")).expect("moved");
    assert_eq!(look(&mut seen, home.path()).await.0, "+a.wasm");
    assert_eq!(look(&mut seen, home.path()).await.0, "a.wasm");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_cannot_be_read_is_not_gone() {
    let home = tempfile::tempdir().expect("a folder");
    let at = |name: &str| home.path().join(name);
    let mut seen = Seen::default();
    fs::write(at("a.wasm"), "a").expect("written");
    spoil(&at("b.wasm"));
    let read = look(&mut seen, home.path()).await;
    assert_eq!(read, ("+a.wasm".into(), vec!["b.wasm".into()]));
    spoil(&at("a.wasm"));
    for _ in 0..2 {
        let read = look(&mut seen, home.path()).await;
        assert_eq!(read, ("a.wasm".into(), vec!["b.wasm".into()]));
    }
    // It can be read again; a link to nothing is no file.
    for name in ["a.wasm", "b.wasm"] {
        fs::remove_file(at(name)).expect("removed");
    }
    fs::write(at("a.wasm"), "a").expect("written");
    std::os::unix::fs::symlink(at("none"), at("b.wasm")).expect("linked");
    let read = look(&mut seen, home.path()).await;
    assert_eq!(read, ("+a.wasm".into(), nothing()));
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_cannot_be_read_is_not_empty() {
    let home = tempfile::tempdir().expect("a folder");
    let plugins = home.path().join("plugins");
    let mut seen = Seen::default();
    fs::create_dir(&plugins).expect("made");
    fs::write(plugins.join("a.wasm"), "a").expect("written");
    assert_eq!(look(&mut seen, &plugins).await.0, "+a.wasm");
    fs::rename(&plugins, home.path().join("away")).expect("moved");
    spoil(&plugins);
    assert_eq!(
        look(&mut seen, &plugins).await,
        ("a.wasm".into(), nothing())
    );
    fs::remove_file(&plugins).expect("removed");
    assert_eq!(look(&mut seen, &plugins).await, (String::new(), nothing()));
}
