// Refusals arrive as the SDK's RestError, with status, code and inner code as Azure sends them.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys';
import { adminCredential, assertRefused, collect, createWorld, managedIdentity, uniqueName } from './sandbox.mjs';

let world, client, blind;

before(async () => {
	world = await createWorld('sdkjserr');
	client = new KeyClient(world.url, adminCredential());
	blind = managedIdentity(world.blind);
});

const digest = Buffer.alloc(32, 'd');

describe('unknown key', () => {
	const calls = {
		get: (name) => client.getKey(name),
		'get version': (name) => client.getKey(name, { version: '0'.repeat(32) }),
		update: (name) => client.updateKeyProperties(name, { enabled: true }),
		delete: (name) => client.beginDeleteKey(name),
		'get deleted': (name) => client.getDeletedKey(name),
		recover: (name) => client.beginRecoverDeletedKey(name),
		purge: (name) => client.purgeDeletedKey(name),
		sign: (name) => client.getCryptographyClient(name).sign('ES256', digest),
	};
	for (const [operation, call] of Object.entries(calls)) {
		test(operation, async () => {
			const name = uniqueName('unknown');
			const message = await assertRefused(() => call(name), { status: 404, code: 'KeyNotFound' });
			assert.ok(message.includes(name), message);
		});
	}
});

describe('missing permission', () => {
	const calls = {
		create: (vault, name) => vault.createEcKey(name),
		update: (vault, name) => vault.updateKeyProperties(name, { enabled: false }),
		delete: (vault, name) => vault.beginDeleteKey(name),
		purge: (vault, name) => vault.purgeDeletedKey(name),
		sign: (vault, name) => vault.getCryptographyClient(name).sign('ES256', digest),
	};
	for (const [operation, call] of Object.entries(calls)) {
		test(operation, async () => {
			const name = uniqueName();
			const before = await client.createEcKey(name);
			const vault = new KeyClient(world.url, managedIdentity(world.cmk));
			const message = await assertRefused(() => call(vault, name), {
				status: 403,
				code: 'Forbidden',
				inner: 'AccessDenied',
			});
			assert.ok(
				message.includes(
					`does not have keys ${operation} permission on key vault '${world.name};`,
				),
				message,
			);
			assert.ok(message.includes(`appid=${world.cmk.clientId};oid=${world.cmk.objectId}`), message);
			assert.equal((await client.getKey(name)).id, before.id);
		});
	}

	// For a list the SDK gives status and code, and its own message.
	test('list', async () => {
		const vault = new KeyClient(world.url, managedIdentity(world.cmk));
		await assertRefused(() => collect(vault.listPropertiesOfKeys()), { status: 403, code: 'Forbidden' });
	});

	test('caller without any policy', async () => {
		const vault = new KeyClient(world.url, managedIdentity(world.other));
		await assertRefused(() => vault.getKey('k'), { status: 403, code: 'Forbidden', inner: 'AccessDenied' });
	});
});

describe('state of the key', () => {
	test('disabled', async () => {
		const name = uniqueName();
		await client.createRsaKey(name, { enabled: false });
		const crypto = new CryptographyClient(`${world.url}/keys/${name}`, blind);
		const calls = {
			sign: () => crypto.sign('RS256', digest),
			unwrapKey: () => crypto.unwrapKey('RSA-OAEP', Buffer.alloc(256, 1)),
			decrypt: () => crypto.decrypt('RSA-OAEP', Buffer.alloc(256, 1)),
		};
		for (const [operation, call] of Object.entries(calls)) {
			const message = await assertRefused(call, {
				status: 403,
				code: 'Forbidden',
				inner: 'KeyDisabled',
			});
			assert.equal(message, `Operation ${operation} is not allowed on a disabled key.`);
		}
	});

	test('disabled, and only its public half is wanted', async () => {
		const { id, name } = await client.createRsaKey(uniqueName());
		const crypto = new CryptographyClient(id, blind);
		const { result: signature } = await crypto.sign('RS256', digest);
		await client.updateKeyProperties(name, { enabled: false });
		assert.equal((await crypto.verify('RS256', digest, signature)).result, true);
		const { result: wrapped } = await crypto.wrapKey('RSA-OAEP', digest);
		await client.updateKeyProperties(name, { enabled: true });
		assert.deepEqual(Buffer.from((await crypto.unwrapKey('RSA-OAEP', wrapped)).result), digest);
	});

	// Of dates after 2038 the SDK sends the low 32 bits alone.
	const dates = {
		KeyExpired: { notBefore: new Date('2019-01-01'), expiresOn: new Date('2020-01-01') },
		KeyNotYetValid: { notBefore: new Date('2037-01-01') },
	};
	for (const [inner, properties] of Object.entries(dates)) {
		test(`outside its time: ${inner}`, async () => {
			const { id, name } = await client.createRsaKey(uniqueName());
			const crypto = new CryptographyClient(id, blind);
			const { result: wrapped } = await crypto.wrapKey('RSA-OAEP', digest);
			const { result: signature } = await crypto.sign('RS256', digest);
			await client.updateKeyProperties(name, properties);

			const refused = [
				() => crypto.wrapKey('RSA-OAEP', digest),
				() => crypto.encrypt('RSA-OAEP', digest),
				() => crypto.sign('RS256', digest),
			];
			for (const call of refused) {
				await assertRefused(call, { status: 403, code: 'Forbidden', inner });
			}
			// What was made with it can still be read and checked.
			assert.deepEqual(Buffer.from((await crypto.unwrapKey('RSA-OAEP', wrapped)).result), digest);
			assert.deepEqual(Buffer.from((await crypto.decrypt('RSA-OAEP', wrapped)).result), digest);
			assert.equal((await crypto.verify('RS256', digest, signature)).result, true);
		});
	}

	test('operation not among its own', async () => {
		const name = uniqueName();
		await client.createRsaKey(name, { keyOps: ['wrapKey', 'unwrapKey'] });
		const crypto = new CryptographyClient(`${world.url}/keys/${name}`, blind);
		const message = await assertRefused(() => crypto.decrypt('RSA-OAEP', Buffer.alloc(256, 1)), {
			status: 403,
			code: 'Forbidden',
			inner: 'KeyOperationForbidden',
		});
		assert.equal(message, 'Operation decrypt is not permitted on this key.');
	});
});

describe('bad parameter', () => {
	const creates = {
		'key size': (name) => client.createRsaKey(name, { keySize: 1000 }),
		curve: (name) => client.createEcKey(name, { curve: 'P-999' }),
		'key type': (name) => client.createKey(name, 'DSA'),
		operation: (name) => client.createRsaKey(name, { keyOps: ['fold'] }),
		'symmetric key': (name) => client.createOctKey(name),
	};
	for (const [what, call] of Object.entries(creates)) {
		test(`create: ${what}`, async () => {
			const name = uniqueName('bad');
			await assertRefused(() => call(name), { status: 400, code: 'BadParameter' });
			await assertRefused(() => client.getKey(name), { status: 404, code: 'KeyNotFound' });
		});
	}

	for (const name of ['under_score', 'dot.dot', 'key$#()!3789901543']) {
		test(`name ${name}`, async () => {
			const message = await assertRefused(() => client.getKey(name), {
				status: 400,
				code: 'BadParameter',
			});
			assert.equal(message, `The request URI contains an invalid name: ${name}`);
		});
	}

	const uses = {
		'length of a digest': (c) => c.sign('RS256', Buffer.alloc(43)),
		'algorithm of another kind of key': (c) => c.sign('ES256', digest),
		'unknown algorithm': (c) => c.sign('RS1024', digest),
		'signing algorithm to encrypt': (c) => c.encrypt('RS256', digest),
		'symmetric algorithm': (c) => c.wrapKey('A256KW', digest),
		'plaintext too long': (c) => c.encrypt('RSA-OAEP-256', Buffer.alloc(191)),
		'ciphertext of another length': (c) => c.decrypt('RSA-OAEP-256', Buffer.alloc(128, 1)),
		'ciphertext of another key': (c) => c.unwrapKey('RSA-OAEP', Buffer.alloc(256, 1)),
	};
	for (const [what, call] of Object.entries(uses)) {
		test(`crypto: ${what}`, async () => {
			const key = await client.createRsaKey(uniqueName());
			const crypto = new CryptographyClient(key.id, blind);
			await assertRefused(() => call(crypto), { status: 400, code: 'BadParameter' });
		});
	}
});
