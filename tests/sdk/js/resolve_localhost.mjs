// NAME.vault.localhost is loopback by RFC 6761, but plain glibc looks it up in the DNS, where it is not. A user adds
// lines to /etc/hosts (`sandvault hosts`) or has libnss-myhostname; tests change neither the machine nor the SDKs, so
// the answer is given here, one level below them: loaded by `node --import` before anything else.

import dns from 'node:dns';

const lookup = dns.lookup;

dns.lookup = function lookupLocalhost(name, ...rest) {
	return lookup.call(dns, typeof name === 'string' && name.endsWith('.localhost') ? '127.0.0.1' : name, ...rest);
};
