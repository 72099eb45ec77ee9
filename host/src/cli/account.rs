//! `freellmapi account`: who may use the dashboard.

use std::io::{IsTerminal, Read};

use clap::Subcommand;
use zeroize::Zeroizing;

use super::AppError;
use super::out::{complain, line};
use crate::account::{code, passwords};
use crate::app::Base;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Print the account's e-mail address.
    Show,
    /// Begin anew: forget the account, end its sessions, and print a one-time code for the dashboard's set-up. Keys,
    /// plugins and all else stay.
    Reset {
        /// Keep the account, and set its password to the line read from standard input.
        #[arg(long)]
        password_stdin: bool,
    },
}

pub(super) async fn run(base: &Base, command: Command) -> Result<(), AppError> {
    let store = &base.store;
    let account = store.account().await.map_err(AppError::of)?;
    match (command, account) {
        (Command::Show, Some(account)) => line(&account.email),
        (Command::Show, None) => {
            line("no account yet; `freellmapi account reset` prints the code that makes one");
        }
        (
            Command::Reset {
                password_stdin: true,
            },
            Some(account),
        ) => {
            let password = read_password()?;
            passwords::check(&password).map_err(AppError)?;
            let stored = passwords::store(&password)
                .await
                .ok_or_else(|| AppError("the password could not be hashed".to_owned()))?;
            store
                .set_password(&account.id, &stored)
                .await
                .map_err(AppError::of)?;
            line(&format!(
                "the password of {} is changed, and all its sessions are over",
                account.email
            ));
        }
        (
            Command::Reset {
                password_stdin: true,
            },
            None,
        ) => {
            return Err(AppError(
                "there is no account yet; run this without --password-stdin for the code that makes one".to_owned(),
            ));
        }
        (Command::Reset { .. }, _) => {
            let code = code::fresh();
            store.remove_account().await.map_err(AppError::of)?;
            store
                .set_setup_code(&code::hash(&base.vault, &code))
                .await
                .map_err(AppError::of)?;
            line("Open the dashboard and make the account with this code, which is good for one:");
            line(&format!("  {}", code.as_str()));
        }
    }
    Ok(())
}

fn read_password() -> Result<Zeroizing<String>, AppError> {
    let mut password = Zeroizing::new(String::new());
    if std::io::stdin().is_terminal() {
        complain("New password (one line, then Enter):");
        std::io::stdin()
            .read_line(&mut password)
            .map_err(AppError::of)?;
    } else {
        std::io::stdin()
            .take(64 << 10)
            .read_to_string(&mut password)
            .map_err(AppError::of)?;
    }
    Ok(Zeroizing::new(
        password.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}
