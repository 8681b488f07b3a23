//! Where events may be sent: not into the operator's own network, whatever a name turns out to mean at the moment of
//! connecting.
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use domain::webhook::is_public;
use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;
use url::{Host, Url};

/// How long a name is looked up when an address is added.
const PATIENCE: Duration = Duration::from_secs(3);

/// What may be told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Guard {
    /// Whether addresses of private networks, and this machine's own, may be told as well.
    pub allow_private: bool,
    /// Whether events may travel in the clear.
    pub allow_http: bool,
}

/// Why an address can't be told anything: a stable word, with a sentence in the API's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotThere {
    /// It is no address, or holds a password or a fragment.
    #[error("no address of the web")]
    Malformed,
    /// It is not protected.
    #[error("not https")]
    Unprotected,
    /// It lies in a private network.
    #[error("a private address")]
    Private,
}

impl NotThere {
    /// The stable word.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "url_malformed",
            Self::Unprotected => "url_unprotected",
            Self::Private => "url_private",
        }
    }
}

impl Guard {
    /// Whether events may be sent to an address as it is written; what its name means is asked at the moment of
    /// connecting.
    ///
    /// # Errors
    /// Why not.
    pub fn read(self, address: &str) -> Result<Url, NotThere> {
        let url = Url::parse(address).map_err(|_malformed| NotThere::Malformed)?;
        let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        match url.scheme() {
            "https" => {}
            "http" if self.allow_http => {}
            "http" => return Err(NotThere::Unprotected),
            _ => return Err(NotThere::Malformed),
        }
        let host = url.host().filter(|_| bare).ok_or(NotThere::Malformed)?;
        let allowed = match host {
            Host::Ipv4(address) => self.allows(address.into()),
            Host::Ipv6(address) => self.allows(address.into()),
            Host::Domain(_) => true,
        };
        if allowed { Ok(url) } else { Err(NotThere::Private) }
    }

    /// The same, and what its name means now. A name that nobody knows yet is let pass: it may be known later.
    ///
    /// # Errors
    /// Why not.
    pub async fn look_at(self, address: &str) -> Result<(), NotThere> {
        let url = self.read(address)?;
        let Some(Host::Domain(name)) = url.host() else {
            return Ok(());
        };
        if self.allow_private {
            return Ok(());
        }
        let found = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((name, 0))).await;
        let Ok(Ok(mut found)) = found else { return Ok(()) };
        if found.all(|one| self.allows(one.ip())) {
            Ok(())
        } else {
            Err(NotThere::Private)
        }
    }

    fn allows(self, address: IpAddr) -> bool {
        self.allow_private || is_public(address)
    }
}

/// Looks names up for each connection, and knows only the addresses that may be told: a name that first meant one thing
/// and then another is of no use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resolver(pub(super) Guard);

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let guard = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<_> = found.filter(|one| guard.allows(one.ip())).collect();
            if allowed.is_empty() {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, NotThere::Private));
            }
            Ok(allowed.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_judged_as_it_is_written() {
        let strict = Guard::default();
        let judged = |address: &str| strict.read(address).err();
        for good in [
            "https://hooks.example.org/kiteline?key=7",
            "https://1.1.1.1:8443/",
            "https://[2606:4700::1]/",
        ] {
            assert_eq!(judged(good), None, "{good}");
        }
        for (bad, why) in [
            ("hooks.example.org", NotThere::Malformed),
            ("ftp://hooks.example.org/", NotThere::Malformed),
            ("https://li:geheim@hooks.example.org/", NotThere::Malformed),
            ("https://hooks.example.org/#top", NotThere::Malformed),
            ("http://hooks.example.org/", NotThere::Unprotected),
            ("https://10.0.0.7/", NotThere::Private),
            ("https://127.1/", NotThere::Private),
            ("https://0x7f000001/", NotThere::Private),
            ("https://2130706433/", NotThere::Private),
            ("https://0177.0.0.1/", NotThere::Private),
            ("https://[::1]/", NotThere::Private),
            ("https://[::ffff:192.168.0.1]/", NotThere::Private),
            ("https://[fe80::1]/", NotThere::Private),
        ] {
            assert_eq!(judged(bad), Some(why), "{bad}");
        }
        let lenient = Guard {
            allow_private: true,
            allow_http: true,
        };
        assert!(lenient.read("http://127.0.0.1:9000/").is_ok());
    }

    #[tokio::test]
    async fn a_name_for_this_machine_is_seen_through() {
        let strict = Guard::default();
        assert_eq!(strict.look_at("https://localhost/").await, Err(NotThere::Private));
        let mut resolver = Resolver(strict);
        let name = "localhost".parse().unwrap();
        let refused = resolver.call(name).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied);
    }
}
