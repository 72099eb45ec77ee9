use std::fs;

use notify::event::{CreateKind, ModifyKind, RemoveKind};

use super::*;

/// Longer than any machine needs; none waits that long.
const PATIENCE: Duration = Duration::from_secs(20);

async fn start(folder: &Path, tell: &mpsc::Sender<()>) -> Watched {
    let place = Place::of(folder).await.expect("a folder");
    let watched = Watched::start(folder, place, tell.clone()).expect("a watch");
    assert!(watched.fits(Place::of(folder).await));
    watched
}

#[tokio::test]
async fn a_folder_in_anothers_place_is_another() {
    let home = tempfile::tempdir().expect("a folder");
    let at = |name: &str| home.path().join(name);
    let plugins = at("plugins");
    let (tell, _told) = mpsc::channel(1);
    assert_eq!(Place::of(&plugins).await, None);
    fs::create_dir(&plugins).expect("made");
    fs::create_dir(at("new")).expect("made");

    let watched = start(&plugins, &tell).await;
    fs::write(plugins.join("a.txt"), "a").expect("written");
    let place = Place::of(&plugins).await;
    assert_eq!(place, Some(watched.place), "what lies in it is no matter");
    fs::rename(&plugins, at("old")).expect("moved");
    assert!(!watched.fits(Place::of(&plugins).await));
    fs::rename(at("new"), &plugins).expect("moved");
    assert!(!watched.fits(Place::of(&plugins).await));

    let watched = start(&plugins, &tell).await;
    fs::remove_dir(&plugins).expect("removed");
    fs::create_dir(&plugins).expect("made anew");
    let renewed = Place::of(&plugins).await;
    // Where the system does not say when it was made, its watch does.
    let told = renewed.is_some_and(|place| place.made.is_none());
    assert!(told || !watched.fits(renewed));
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_to_another_folder_is_another() {
    use std::os::unix::fs::symlink;
    let home = tempfile::tempdir().expect("a folder");
    let at = |name: &str| home.path().join(name);
    for name in ["one", "two"] {
        fs::create_dir(at(name)).expect("made");
    }
    symlink(at("one"), at("plugins")).expect("linked");
    let (tell, mut told) = mpsc::channel(1);
    let watched = start(&at("plugins"), &tell).await;
    symlink(at("two"), at("next")).expect("linked");
    fs::rename(at("next"), at("plugins")).expect("swapped");
    assert!(!watched.fits(Place::of(&at("plugins")).await));
    drop(watched);
    // The new one is the one that is watched.
    let _watched = start(&at("plugins"), &tell).await;
    fs::write(at("two").join("a.wasm"), "a").expect("written");
    timeout(PATIENCE, told.recv())
        .await
        .expect("a notice")
        .expect("an open channel");
}

#[tokio::test]
async fn a_folder_that_goes_away_makes_its_watch_stale() {
    let home = tempfile::tempdir().expect("a folder");
    let plugins = home.path().join("plugins");
    fs::create_dir(&plugins).expect("made");
    let (tell, mut told) = mpsc::channel(1);
    let watched = start(&plugins, &tell).await;
    fs::remove_dir(&plugins).expect("removed");
    timeout(PATIENCE, told.recv())
        .await
        .expect("a notice")
        .expect("an open channel");
    assert!(
        !watched.fits(Some(watched.place)),
        "though another of its inode came"
    );
}

/// What the server itself does to the folder must not wake it.
#[test]
fn looking_is_no_change() {
    let access = |kind| EventKind::Access(kind);
    for (kind, wanted) in [
        (access(AccessKind::Open(AccessMode::Any)), false),
        (access(AccessKind::Read), false),
        (access(AccessKind::Close(AccessMode::Read)), false),
        (access(AccessKind::Close(AccessMode::Write)), true),
        (EventKind::Create(CreateKind::File), true),
        (EventKind::Modify(ModifyKind::Any), true),
        (EventKind::Remove(RemoveKind::Folder), true),
        (EventKind::Any, true),
        (EventKind::Other, true),
    ] {
        assert_eq!(matters(&Event::new(kind)), wanted, "{kind:?}");
    }
}
