//! Which addresses may be reached: nothing private on a plugin's word, and never the place where clouds keep secrets.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether clouds tell a machine its own secrets here. Refused even where the user typed the address, since nobody
/// serves a model there.
#[must_use]
pub fn is_metadata(address: IpAddr) -> bool {
    match plain(address) {
        IpAddr::V4(address) => {
            address.is_link_local() || address == Ipv4Addr::new(100, 100, 100, 200)
        }
        IpAddr::V6(address) => address == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
    }
}

/// Whether anybody on the internet could be meant: no private network, no loopback, nothing reserved.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match plain(address) {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// An IPv4 address in IPv6's clothes is that IPv4 address.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => {
            let parts = six.segments();
            match six.to_ipv4_mapped() {
                Some(four) => four.into(),
                // The NAT64 prefix, and 6to4, reach the IPv4 address inside.
                None if parts[..6] == [0x64, 0xff9b, 0, 0, 0, 0] => four(parts[6], parts[7]),
                None if parts[0] == 0x2002 => four(parts[1], parts[2]),
                None => address,
            }
        }
        IpAddr::V4(_) => address,
    }
}

fn four(high: u16, low: u16) -> IpAddr {
    let bits = (u32::from(high) << 16) | u32::from(low);
    Ipv4Addr::from_bits(bits).into()
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let benchmark = a == 198 && (b == 18 || b == 19);
    let protocol = a == 192 && b == 0 && c == 0;
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || shared
        || benchmark
        || protocol)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let parts = address.segments();
    // Only global unicast has been given out; of that, documentation and tunnels of old are left out.
    (parts[0] & 0xe000) == 0x2000
        && !(parts[0] == 0x2001 && (parts[1] == 0x0db8 || parts[1] == 0))
        && parts[0] != 0x3fff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_public() {
        for (text, public) in [
            ("8.8.8.8", true),
            ("2606:4700::1111", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("0.0.0.0", false),
            ("255.255.255.255", false),
            ("224.0.0.1", false),
            ("198.18.0.1", false),
            ("192.0.2.1", false),
            ("::1", false),
            ("::", false),
            ("fe80::1", false),
            ("fd00::1", false),
            ("ff02::1", false),
            ("2001:db8::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:8.8.8.8", true),
            ("64:ff9b::7f00:1", false),
            ("2002:7f00:1::", false),
        ] {
            assert_eq!(is_public(text.parse().unwrap()), public, "{text}");
        }
    }

    #[test]
    fn metadata() {
        for text in [
            "169.254.169.254",
            "169.254.170.2",
            "::ffff:169.254.169.254",
            "fd00:ec2::254",
            "100.100.100.200",
        ] {
            assert!(is_metadata(text.parse().unwrap()), "{text}");
        }
        for text in ["127.0.0.1", "192.168.1.1", "8.8.8.8", "fd00::1"] {
            assert!(!is_metadata(text.parse().unwrap()), "{text}");
        }
    }
}
