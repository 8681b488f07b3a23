//! The pace at which somebody may send where nobody is logged in: by the address it comes from, and by the host it is for.
//!
//! Each server counts for itself and forgets when it stops: it is a brake, no ledger.
use std::future::{Ready, ready};
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use domain::clock::Clock;
use domain::id::OrganisationId;
use governor::clock::Clock as Ticks;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::problem::Failure;

/// Where a proxy says for whom it asks.
const FORWARDED: &str = "x-forwarded-for";
/// Of one address: twenty at once, then one a minute. A dormitory shares an address.
const AT_ONCE_FROM_ADDRESS: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);
const A_MINUTE_FROM_ADDRESS: NonZeroU32 = NonZeroU32::MIN;
/// For one host: a hundred and twenty at once, then six a minute. A whole coach may arrive.
const AT_ONCE_FOR_HOST: NonZeroU32 = NonZeroU32::MIN.saturating_add(119);
const A_MINUTE_FOR_HOST: NonZeroU32 = NonZeroU32::MIN.saturating_add(5);
/// Keys that are kept before those that have rested are forgotten.
const MANY: usize = 10_000;

type Limiter<K> = RateLimiter<K, HashMapStateStore<K>, Time, NoOpMiddleware<Nanos>>;

/// The house's clock, as the limiter reads it.
#[derive(Clone)]
struct Time(Arc<dyn Clock>);

impl Ticks for Time {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let nanos = self.0.now().timestamp_nanos_opt();
        Nanos::new(nanos.and_then(|nanos| u64::try_from(nanos).ok()).unwrap_or_default())
    }
}

/// What slows down.
#[derive(Clone)]
pub(crate) struct Pace(Arc<Inner>);

struct Inner {
    time: Time,
    proxies: Vec<IpAddr>,
    addresses: Limiter<IpAddr>,
    hosts: Limiter<OrganisationId>,
}

impl Pace {
    /// Nobody was here yet. What `proxies` say about for whom they ask is believed.
    pub(crate) fn new(clock: Arc<dyn Clock>, proxies: Vec<IpAddr>) -> Self {
        let time = Time(clock);
        let address = Quota::per_minute(A_MINUTE_FROM_ADDRESS).allow_burst(AT_ONCE_FROM_ADDRESS);
        let host = Quota::per_minute(A_MINUTE_FOR_HOST).allow_burst(AT_ONCE_FOR_HOST);
        Self(Arc::new(Inner {
            addresses: RateLimiter::hashmap_with_clock(address, time.clone()),
            hosts: RateLimiter::hashmap_with_clock(host, time.clone()),
            time,
            proxies,
        }))
    }

    /// One more from this address.
    ///
    /// # Errors
    /// [`Failure::TooMany`] with the seconds to wait.
    fn from(&self, address: IpAddr) -> Result<(), Failure> {
        self.check(&self.0.addresses, &network(address))
    }

    /// One more for this host.
    ///
    /// # Errors
    /// [`Failure::TooMany`] with the seconds to wait.
    pub(crate) fn to(&self, host: OrganisationId) -> Result<(), Failure> {
        self.check(&self.0.hosts, &host)
    }

    fn check<K: Hash + Eq + Clone>(&self, limiter: &Limiter<K>, key: &K) -> Result<(), Failure> {
        if limiter.len() > MANY {
            limiter.retain_recent();
        }
        limiter.check_key(key).map_err(|early| {
            let wait = early.wait_time_from(self.0.time.now());
            Failure::TooMany(wait.as_secs() + 1)
        })
    }
}

/// Whoever sends this has not sent too much: asked before anything of the request is read.
pub(crate) struct Unhurried;

impl FromRequest for Unhurried {
    type Error = Failure;
    type Future = Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(pace) = request.app_data::<Data<Pace>>() else {
            return ready(Err(Failure::Internal("no pace is kept".to_owned())));
        };
        let address = address_of(request, &pace.0.proxies);
        ready(address.map_or(Ok(()), |address| pace.from(address)).map(|()| Self))
    }
}

/// Where a request comes from: the nearest address that is not one of our own proxies.
fn address_of(request: &HttpRequest, proxies: &[IpAddr]) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let said = request.headers().get_all(FORWARDED);
    let said: Vec<_> = said.filter_map(|value| value.to_str().ok()).collect();
    Some(nearest(peer, &said.join(","), proxies))
}

fn nearest(peer: IpAddr, forwarded: &str, proxies: &[IpAddr]) -> IpAddr {
    let mut nearest = peer;
    for said in forwarded.rsplit(',').map(str::trim) {
        if !proxies.contains(&nearest) {
            break;
        }
        let address = said.parse::<IpAddr>().ok();
        let address = address.or_else(|| said.parse::<SocketAddr>().ok().map(|at| at.ip()));
        let Some(address) = address else { break };
        nearest = address.to_canonical();
    }
    nearest
}

/// Who counts as one: an IPv4 address, or the first 56 bits of an IPv6 one, in which a line has addresses without number.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => Ipv6Addr::from_bits(six.to_bits() & (u128::MAX << 72)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn only_our_own_proxies_are_believed() {
        let proxies = [ip("127.0.0.1"), ip("10.0.0.2")];
        let of = |peer: &str, said: &str| nearest(ip(peer), said, &proxies).to_string();
        assert_eq!(
            of("203.0.113.7", "198.51.100.1"),
            "203.0.113.7",
            "a stranger may say anything"
        );
        assert_eq!(of("127.0.0.1", ""), "127.0.0.1");
        assert_eq!(of("127.0.0.1", "198.51.100.1"), "198.51.100.1");
        assert_eq!(of("127.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2"), "198.51.100.1");
        assert_eq!(of("127.0.0.1", "6.6.6.6, 198.51.100.1:4711"), "198.51.100.1");
        assert_eq!(of("127.0.0.1", "6.6.6.6, unknown"), "127.0.0.1");
    }

    #[test]
    fn the_addresses_of_one_line_are_one() {
        assert_eq!(
            network(ip("2001:db8:1:2:3:4:5:6")),
            ip("2001:db8:1::"),
            "a line has 256 networks"
        );
        assert_eq!(network(ip("203.0.113.7")), ip("203.0.113.7"));
    }
}
