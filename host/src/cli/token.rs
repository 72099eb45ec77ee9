//! `freellmapi token`: the key that clients use.

use clap::Subcommand;

use super::AppError;
use super::out::line;
use crate::app::Base;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print the key.
    Show,
    /// Make a new key and print it; the former one stops working.
    Rotate,
}

pub(super) async fn run(base: &Base, command: Command) -> Result<(), AppError> {
    let (store, vault) = (&base.store, &base.vault);
    let keys = store.client_keys().await.map_err(AppError::of)?;
    let token = match (keys.first(), command) {
        // Before the first start of the server.
        (None, _) => store
            .add_client_key(vault, "default")
            .await
            .map(|(_, token)| token),
        (Some(key), Command::Show) => store.client_token(vault, &key.id).await,
        (Some(key), Command::Rotate) => store.rotate_client_key(vault, &key.id).await,
    };
    line(&token.map_err(AppError::of)?);
    Ok(())
}
