// CryptographyClient: every algorithm the SDK offers for RSA and EC, against arithmetic done here.
//
// `hybrid` is the ordinary client: it encrypts, wraps and verifies by itself where the SDK can, and leaves the rest to
// the vault. `remote` may not read the key and has no way but the vault. What the SDK cannot do locally, Node's own
// crypto does.

import assert from 'node:assert/strict';
import crypto, { constants } from 'node:crypto';
import { before, describe, test } from 'node:test';
import {
	CryptographyClient,
	KeyClient,
	KnownEncryptionAlgorithms,
	KnownSignatureAlgorithms,
} from '@azure/keyvault-keys';
import { adminCredential, createWorld, managedIdentity, uniqueName } from './sandbox.mjs';
import { curves, ecJwk, rsaJwk } from './own_keys.mjs';

const sizes = [2048, 3072, 4096];
const paddings = {
	RSA1_5: { overhead: 11, padding: constants.RSA_PKCS1_PADDING },
	'RSA-OAEP': { overhead: 42, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
	'RSA-OAEP-256': { overhead: 66, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
};
const rsaSigning = ['PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'];
const text = Buffer.from('to be signed');

let client, admin, blind;
const kept = new Map();

before(async () => {
	const world = await createWorld('sdkjscrypto');
	admin = adminCredential();
	blind = managedIdentity(world.blind);
	client = new KeyClient(world.url, admin);
});

async function clientsOf(kind) {
	if (!kept.has(kind)) {
		const own = typeof kind === 'number' ? rsaJwk(kind) : ecJwk(kind);
		const key = await client.importKey(`own-${kind}`, own.jwk);
		kept.set(kind, {
			...own,
			key,
			local: new CryptographyClient(key.key),
			hybrid: new CryptographyClient(key, admin),
			remote: new CryptographyClient(key.id, blind),
		});
	}
	return kept.get(kind);
}

const hash = (name, data) => crypto.createHash(name).update(data).digest();
const shaOf = (algorithm) => `sha${algorithm.slice(2, 5)}`;

/** Signing and verifying by Node itself. */
function ownOptions(algorithm, key) {
	if (algorithm.startsWith('PS')) {
		return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
	}
	return algorithm.startsWith('ES') ? { key, dsaEncoding: 'ieee-p1363' } : { key };
}

test('no algorithm of the SDK is forgotten', () => {
	const asymmetric = (known) =>
		Object.values(known)
			.filter((a) => !/^(A\d|HS|CKM_)/.test(a))
			.sort();
	assert.deepEqual(asymmetric(KnownEncryptionAlgorithms), Object.keys(paddings).sort());
	const signing = [...rsaSigning, ...Object.values(curves).map((c) => c.algorithm), 'RSNULL'];
	assert.deepEqual(asymmetric(KnownSignatureAlgorithms), signing.sort());
});

for (const bits of sizes) {
	for (const [algorithm, own] of Object.entries(paddings)) {
		const { overhead, padding, oaepHash } = own;

		describe(`RSA ${bits} ${algorithm}`, () => {
			const longest = Buffer.alloc(bits / 8 - overhead, 'p');

			for (const where of ['remote', 'hybrid', 'own']) {
				test(`encrypted ${where}, decrypted remotely and here`, async () => {
					const c = await clientsOf(bits);
					const { publicKey, privateKey } = c;
					for (const plaintext of [
						Buffer.from('x'),
						Buffer.from('with \0 in it'),
						longest,
					]) {
						const ciphertext =
							where === 'own'
								? crypto.publicEncrypt(
										{ key: publicKey, padding, oaepHash },
										plaintext,
									)
								: (await c[where].encrypt({ algorithm, plaintext }))
										.result;
						assert.equal(ciphertext.length, bits / 8);
						const { result } = await c.remote.decrypt({ algorithm, ciphertext });
						assert.deepEqual(Buffer.from(result), plaintext);
						const opened = crypto.privateDecrypt(
							{ key: privateKey, padding, oaepHash },
							Buffer.from(ciphertext),
						);
						assert.deepEqual(opened, plaintext);
					}
				});

				test(`wrapped ${where}, unwrapped remotely and here`, async () => {
					const c = await clientsOf(bits);
					const dataKey = crypto.randomBytes(32);
					const wrapped =
						where === 'own'
							? crypto.publicEncrypt(
									{ key: c.publicKey, padding, oaepHash },
									dataKey,
								)
							: (await c[where].wrapKey(algorithm, dataKey)).result;
					const { result, keyID } = await c.hybrid.unwrapKey(algorithm, wrapped);
					assert.deepEqual(Buffer.from(result), dataKey);
					assert.equal(keyID, c.key.id);
					const opened = crypto.privateDecrypt(
						{ key: c.privateKey, padding, oaepHash },
						Buffer.from(wrapped),
					);
					assert.deepEqual(opened, dataKey);
				});
			}

			// The SDK's local arithmetic leaves RSA-OAEP-256 to the vault.
			if (algorithm === 'RSA-OAEP-256') {
				return;
			}
			test('by the SDK alone', async () => {
				const c = await clientsOf(bits);
				const { result: ciphertext } = await c.local.encrypt({ algorithm, plaintext: text });
				assert.deepEqual(
					Buffer.from((await c.remote.decrypt({ algorithm, ciphertext })).result),
					text,
				);
				const { result: wrapped } = await c.local.wrapKey(algorithm, text);
				assert.deepEqual(
					Buffer.from((await c.remote.unwrapKey(algorithm, wrapped)).result),
					text,
				);
			});
		});
	}

	for (const algorithm of rsaSigning) {
		signingTests(`RSA ${bits} ${algorithm}`, bits, algorithm, shaOf(algorithm), bits / 8);
	}

	test(`RSA ${bits} RSNULL`, async () => {
		const { remote, publicKey } = await clientsOf(bits);
		const value = crypto.randomBytes(36); // MD5 and SHA-1 together, as TLS 1.0 signed
		const { result } = await remote.sign('RSNULL', value);
		const padding = constants.RSA_PKCS1_PADDING;
		assert.deepEqual(crypto.publicDecrypt({ key: publicKey, padding }, Buffer.from(result)), value);
		assert.equal((await remote.verify('RSNULL', value, result)).result, true);
		assert.equal((await remote.verify('RSNULL', crypto.randomBytes(36), result)).result, false);
	});
}

for (const [curve, { algorithm, hash: name, bytes }] of Object.entries(curves)) {
	signingTests(`EC ${curve} ${algorithm}`, curve, algorithm, name, 2 * bytes);
}

function signingTests(title, kind, algorithm, hashName, length) {
	describe(title, () => {
		test('signed remotely, verified everywhere', async () => {
			const c = await clientsOf(kind);
			for (const signer of [c.remote, c.hybrid]) {
				const signed = await signer.sign(algorithm, hash(hashName, text));
				assert.equal(signed.keyID, c.key.id);
				await assertVerifies(c, algorithm, hashName, signed.result, length);
				await assertVerifies(
					c,
					algorithm,
					hashName,
					(await signer.signData(algorithm, text)).result,
					length,
				);
			}
		});

		test('signed here, verified remotely', async () => {
			const c = await clientsOf(kind);
			const signature = crypto.sign(hashName, text, ownOptions(algorithm, c.privateKey));
			await assertVerifies(c, algorithm, hashName, signature, length);
		});

		// The SDK's local arithmetic knows RS* alone: EC it leaves to the vault, and PS* it checks with the padding
		// of RS*.
		if (!algorithm.startsWith('RS')) {
			return;
		}
		test('verified by the SDK alone', async () => {
			const c = await clientsOf(kind);
			const { result } = await c.remote.signData(algorithm, text);
			assert.equal((await c.local.verifyData(algorithm, text, result)).result, true);
			assert.equal((await c.local.verifyData(algorithm, Buffer.from('else'), result)).result, false);
		});
	});
}

async function assertVerifies(c, algorithm, hashName, signature, length) {
	assert.equal(signature.length, length);
	const digest = hash(hashName, text);
	const broken = Buffer.from(signature);
	broken[broken.length - 1] ^= 1;
	assert.ok(crypto.verify(hashName, text, ownOptions(algorithm, c.publicKey), signature));
	for (const verifier of [c.remote, c.hybrid]) {
		assert.equal((await verifier.verify(algorithm, digest, signature)).result, true);
		assert.equal((await verifier.verify(algorithm, hash(hashName, 'else'), signature)).result, false);
		assert.equal((await verifier.verify(algorithm, digest, broken)).result, false);
	}
	assert.equal((await c.remote.verifyData(algorithm, text, signature)).result, true);
}

for (const curve of Object.keys(curves)) {
	for (const hsm of [false, true]) {
		test(`a key made in the vault: ${hsm ? 'EC-HSM' : 'EC'} ${curve}`, async () => {
			const { algorithm, hash: name } = curves[curve];
			const key = await client.createEcKey(uniqueName('made'), { curve, hsm });
			const { result } = await new CryptographyClient(key.id, blind).signData(algorithm, text);
			const [x, y] = [key.key.x, key.key.y].map((n) => Buffer.from(n).toString('base64url'));
			const crv = curve === 'P-256K' ? 'secp256k1' : curve;
			const publicKey = crypto.createPublicKey({ format: 'jwk', key: { kty: 'EC', crv, x, y } });
			assert.ok(crypto.verify(name, text, ownOptions(algorithm, publicKey), result));
		});
	}
}

test('an old version still unwraps', async () => {
	const name = uniqueName('versions');
	const old = await client.createRsaKey(name);
	const dataKey = crypto.randomBytes(32);
	const wrapped = await client.getCryptographyClient(name).wrapKey('RSA-OAEP-256', dataKey);
	assert.equal(wrapped.keyID, old.id);
	const latest = await client.createRsaKey(name);
	const unwrapped = await new CryptographyClient(wrapped.keyID, admin).unwrapKey('RSA-OAEP-256', wrapped.result);
	assert.deepEqual(Buffer.from(unwrapped.result), dataKey);
	assert.equal((await client.getCryptographyClient(name).wrapKey('RSA-OAEP-256', dataKey)).keyID, latest.id);
});

test('a key without a version is the latest', async () => {
	const name = uniqueName('latest');
	await client.createRsaKey(name);
	const latest = await client.createRsaKey(name);
	const unversioned = new CryptographyClient(latest.id.slice(0, latest.id.lastIndexOf('/')), blind);
	const { result: wrapped } = await unversioned.wrapKey('RSA-OAEP', text);
	const { result } = await new CryptographyClient(latest.id, blind).unwrapKey('RSA-OAEP', wrapped);
	assert.deepEqual(Buffer.from(result), text);
	assert.deepEqual(Buffer.from((await unversioned.unwrapKey('RSA-OAEP', wrapped)).result), text);
});
