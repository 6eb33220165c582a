// Keys made here, as Node's own and as the JWKs that the SDK takes.

import { generateKeyPairSync } from 'node:crypto';

export const curves = {
	'P-256': { bytes: 32, algorithm: 'ES256', hash: 'sha256', named: 'prime256v1' },
	'P-384': { bytes: 48, algorithm: 'ES384', hash: 'sha384', named: 'secp384r1' },
	'P-521': { bytes: 66, algorithm: 'ES512', hash: 'sha512', named: 'secp521r1' },
	'P-256K': { bytes: 32, algorithm: 'ES256K', hash: 'sha256', named: 'secp256k1' },
};

function jwkOf(privateKey, names, keyOps) {
	const { kty, crv, ...members } = privateKey.export({ format: 'jwk' });
	const bytes = names.map((name) => [name, new Uint8Array(Buffer.from(members[name], 'base64url'))]);
	return { kty, keyOps, ...(crv && { crv: crv === 'secp256k1' ? 'P-256K' : crv }), ...Object.fromEntries(bytes) };
}

export function rsaJwk(modulusLength) {
	const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength });
	const keyOps = ['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey'];
	return { publicKey, privateKey, jwk: jwkOf(privateKey, ['n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'], keyOps) };
}

export function ecJwk(curve) {
	const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: curves[curve].named });
	return { publicKey, privateKey, jwk: jwkOf(privateKey, ['x', 'y', 'd'], ['sign', 'verify']) };
}
