"""Which hosts and addresses a storage may be fetched from (the incumbent's rules, and a little stricter).

- The host that STORAGE_URL or STORAGE_S3_ENDPOINT names is the operator's word: it may have any address. Without TLS
  it is spoken to at private addresses only.
- Another host is spoken to if STORAGE_ALLOWED_HOSTS lists it, over TLS only, and at public addresses only. A private
  address has to be listed itself: a listed name that begins to lead into the school's network leads nowhere.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from submissions.errors import SettingsRefused
from submissions.storage.faults import NOT_ENCRYPTED, PRIVATE_ADDRESS, UNTRUSTED_HOST

HostPort = tuple[str, int]
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: What is given out of IPv6 for the internet (RFC 4291, 2.4); `is_global` is also true of unassigned, site-local ones.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
#: The internet of IPv4 as seen from a network without it (RFC 6052, 2.1).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Hosts:
    """`own` is the storage's; hosts are in lower case, addresses of IPv6 without brackets."""

    own: HostPort
    listed: frozenset[HostPort] = frozenset()

    def check_host(self, host: str, port: int, *, encrypted: bool) -> None:
        """Raise FileMissing for a host that is not to be spoken to at all."""
        if (host, port) != self.own and not (encrypted and (host, port) in self.listed):
            raise UNTRUSTED_HOST()

    def check_address(self, host: str, port: int, address: str, *, encrypted: bool) -> None:
        """Raise StorageUnfit or FileMissing for an address of that host that is not to be spoken to."""
        public = _is_public(address)
        if (host, port) == self.own:
            if public and not encrypted:
                raise NOT_ENCRYPTED()
        elif not public and (address, port) not in self.listed:
            raise PRIVATE_ADDRESS()


def listed(text: str) -> frozenset[HostPort]:
    """The value of STORAGE_ALLOWED_HOSTS: host:port, separated by commas; [address]:port for IPv6. SettingsRefused."""
    return frozenset(_host_port(entry.strip().lower()) for entry in text.split(",") if entry.strip())


def _host_port(entry: str) -> HostPort:
    host, _, port = entry.rpartition(":")
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not bare or not port.isdecimal() or not 0 < int(port) < 65_536 or "/" in bare or (":" in bare and bare == host):
        raise SettingsRefused(
            f"STORAGE_ALLOWED_HOSTS: {entry!r} is not host:port, for example files.school.example:443"
        )
    return bare, int(port)


def _is_public(address: str) -> bool:
    reached = _reached(ipaddress.ip_address(address.partition("%")[0]))
    if isinstance(reached, ipaddress.IPv6Address) and reached not in _GLOBAL_UNICAST:
        return False
    return reached.is_global and not reached.is_multicast


def _reached(address: _Address) -> _Address:
    """Where packets to an address end: some addresses of IPv6 hold the one of IPv4 that a gateway sends them on to."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    within = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
    if address in _NAT64:
        within = ipaddress.IPv4Address(address.packed[-4:])
    return within or address
