//! `freellmapi plugin install` and `remove`.

use std::path::Path;

use bytes::Bytes;

use super::{grant, index};
use crate::app::{AppError, Shop};
use crate::cli::out::line;
use crate::manage::plugins;
use crate::plugins::index::PublicKey;

/// The component in a file, if the index has it where one is named; `None`: there is no such file, so it may be an id.
pub(super) fn component(
    file: &Path,
    from: Option<(&Path, PublicKey)>,
) -> Result<Option<Vec<u8>>, AppError> {
    if from.is_none() && !file.exists() {
        return Ok(None);
    }
    let bytes = index::component(file)?;
    if let Some((index, key)) = from {
        index::hold(index, key, file, &bytes)?;
    }
    Ok(Some(bytes))
}

pub(super) async fn install(
    shop: &Shop,
    what: &Path,
    component: Option<Vec<u8>>,
    yes: bool,
) -> Result<(), AppError> {
    let (registry, store) = (&shop.registry, &shop.base.store);
    let Some(bytes) = component else {
        let id = what.to_string_lossy();
        plugins::restore(registry, store, &id).await.map_err(|_| {
            AppError(format!(
                "there is no file {id}, and no official plugin of that id that was removed"
            ))
        })?;
        line(&format!("{id} is back"));
        return Ok(());
    };
    let sha256 = plugins::upload(registry, Bytes::from(bytes))
        .await
        .map_err(AppError::of)?;
    let current = registry.current();
    let report = current
        .reports
        .iter()
        .find(|report| report.sha256 == sha256)
        .and_then(|report| Some((report.id.clone()?, report)));
    let Some((id, report)) = report else {
        return Err(AppError(
            "it was put into the plugins folder and is gone from there already".to_owned(),
        ));
    };
    line(&format!("{id} {} is in the plugins folder", report.version));
    match plugins::waiting(&current, &id) {
        Some(waiting) if waiting.sha256 == sha256 => grant(shop, &id, yes).await,
        _ => Ok(()),
    }
}

pub(super) async fn remove(shop: &Shop, id: &str) -> Result<(), AppError> {
    let files = plugins::remove(&shop.registry, &shop.base.store, id)
        .await
        .map_err(AppError::of)?;
    for file in &files {
        line(&format!("deleted {file} in the plugins folder"));
    }
    line(&format!(
        "{id} is removed; its keys stay, and nothing uses them"
    ));
    Ok(())
}
