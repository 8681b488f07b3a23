//! What a newcomer reads: where to look, who to be, and three calls to try.
use chrono::SecondsFormat;
use domain::clock::Clock as _;

use super::accounts::AccountsFile;
use super::folder::Folder;
use crate::SystemClock;
use crate::config::{Settings, without_password};

/// Prints it.
pub(super) fn print(settings: &Settings, folder: &Folder, accounts: &AccountsFile, planned: usize) {
    let base = &accounts.base_url;
    println!("\nKiteline's demo is up: {base}/docs");
    println!("  data      {}", without_password(&settings.database.url));
    match &settings.mail.host {
        Some(host) => println!("  mail      by {host}"),
        None => println!("  mail      {}/*.eml", folder.mail().display()),
    }
    println!("  accounts  {} (for scripts)", folder.accounts_file().display());
    println!("  today     {planned} notifications planned just now\n");
    println!("  {:<10} {:<20} {:<16} organisation", "login", "password", "role");
    for account in &accounts.accounts {
        println!(
            "  {:<10} {:<20} {:<16} {}",
            account.login, account.password, account.role, account.organisation_code
        );
    }
    calls(accounts);
    println!("\nCtrl-C stops it; run again it goes on with the same data; --fresh begins anew.\n");
}

/// Three calls that work as they stand.
fn calls(accounts: &AccountsFile) {
    let (Some(secretary), Some(member)) = (accounts.find("secretary"), accounts.find("member")) else {
        return;
    };
    let base = &accounts.base_url;
    let login = |name: &str, account: &super::accounts::Account| {
        println!(
            "  {name}=$(curl -s {base}/v1/auth/login --json '{{\"login\":\"{}\",\"password\":\"{}\"}}' \\\n    \
             | sed -E 's/.*\"access_token\": *\"([^\"]*)\".*/\\1/')",
            account.login, account.password
        );
    };
    println!("\nThree calls to try:");
    println!("\n  # 1. Who is away from the secretary's branch, as a file for Excel");
    login("SECRETARY", secretary);
    println!("  curl -s '{base}/v1/rosters/outbound?format=csv' -H \"Authorization: Bearer $SECRETARY\"");
    println!("\n  # 2. The member's own journey");
    login("MEMBER", member);
    println!("  curl -s {base}/v1/me/journey -H \"Authorization: Bearer $MEMBER\"");
    println!("\n  # 3. The member checks in");
    println!(
        "  curl -s {base}/v1/me/checkins -H \"Authorization: Bearer $MEMBER\" \\\n    --json \
         '{{\"id\":\"{}\",\"kind\":\"periodic\",\"wellbeing\":\"fine\",\"note\":\"一切都好\",\"recorded_at\":\"{}\"}}'",
        uuid::Uuid::new_v4(),
        SystemClock.now().to_rfc3339_opts(SecondsFormat::Secs, true)
    );
}
