//! `m8tes auth …`

use clap::Subcommand;

/// What can be done about the account.
#[derive(Debug, Subcommand)]
pub(crate) enum Auth {
    /// Make an account, and store its key
    #[command(visible_alias = "r")]
    Register {
        /// The address; asked for unless given
        #[arg(long)]
        email: Option<String>,
        /// The first name; asked for unless given
        #[arg(long)]
        first_name: Option<String>,
        /// The last name
        #[arg(long)]
        last_name: Option<String>,
        /// Print the key on stdout rather than store it
        #[arg(long)]
        no_save: bool,
    },
    /// Get a new key by e-mail address and password, and store it; the key before is dead then
    #[command(visible_alias = "l")]
    Login {
        /// The address; asked for unless given
        #[arg(long)]
        email: Option<String>,
        /// Print the key on stdout rather than store it
        #[arg(long)]
        no_save: bool,
    },
    /// Say which key is used and whether the account is verified; changes nothing
    #[command(visible_alias = "s")]
    Status,
    /// What the account has used
    Usage,
    /// Have the e-mail sent again that verifies the account
    ResendVerify,
    /// Forget the stored key
    #[command(visible_alias = "o")]
    Logout,
}
