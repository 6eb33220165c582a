// KeyClient: create, import, get, list, update.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { KeyClient, parseKeyVaultKeyIdentifier } from '@azure/keyvault-keys';
import { adminCredential, collect, createWorld, uniqueName } from './sandbox.mjs';
import { curves, ecJwk, rsaJwk } from './own_keys.mjs';

const rsaOps = ['decrypt', 'encrypt', 'sign', 'unwrapKey', 'verify', 'wrapKey'];
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 't'];
let world, client;

before(async () => {
	world = await createWorld('sdkjskeys');
	client = new KeyClient(world.url, adminCredential());
});

function assertOnlyPublic(key) {
	assert.deepEqual(
		privateMembers.filter((member) => key.key[member] !== undefined),
		[],
	);
}

describe('create', () => {
	for (const [keySize, hsm] of [
		[2048, false],
		[3072, false],
		[4096, false],
		[2048, true],
		[3072, true],
	]) {
		test(`RSA${hsm ? '-HSM' : ''} ${keySize}`, async () => {
			const name = uniqueName();
			const key = await client.createRsaKey(name, { keySize, hsm });
			assert.equal(key.keyType, hsm ? 'RSA-HSM' : 'RSA');
			assert.equal(key.key.n.length * 8, keySize);
			assert.deepEqual([...key.key.e], [1, 0, 1]);
			assert.deepEqual([...key.keyOperations].sort(), rsaOps);
			assert.equal(key.id, `${world.url}/keys/${name}/${key.properties.version}`);
			assertOnlyPublic(key);
		});
	}

	for (const curve of Object.keys(curves)) {
		for (const hsm of [false, true]) {
			test(`EC${hsm ? '-HSM' : ''} ${curve}`, async () => {
				const key = await client.createEcKey(uniqueName(), { curve, hsm });
				assert.equal(key.keyType, hsm ? 'EC-HSM' : 'EC');
				assert.equal(key.key.crv, curve);
				assert.equal(key.key.x.length, curves[curve].bytes);
				assert.equal(key.key.y.length, curves[curve].bytes);
				assert.deepEqual([...key.keyOperations].sort(), ['sign', 'verify']);
				assertOnlyPublic(key);
			});
		}
	}

	test('takes defaults', async () => {
		const rsa = await client.createKey(uniqueName(), 'RSA');
		assert.equal(rsa.key.n.length, 256);
		assert.equal((await client.createKey(uniqueName(), 'EC')).key.crv, 'P-256');
		const { properties } = rsa;
		assert.equal(properties.enabled, true);
		assert.equal(properties.notBefore, undefined);
		assert.equal(properties.expiresOn, undefined);
		assert.deepEqual(properties.createdOn, properties.updatedOn);
		assert.ok(Math.abs(properties.createdOn - Date.now()) < 60_000);
		assert.equal(properties.recoveryLevel, 'Recoverable+Purgeable');
		assert.equal(properties.recoverableDays, 90);
		assert.equal(properties.exportable, false);
	});

	test('takes properties', async () => {
		const name = uniqueName();
		const given = {
			// Before 2038: the SDK sends its times cut to 32 bits.
			enabled: false,
			notBefore: new Date('2020-02-03T04:05:06Z'),
			expiresOn: new Date('2037-02-03T04:05:06Z'),
			tags: { who: 'tests', größe: '2048 ✓' },
		};
		await client.createRsaKey(name, { ...given, keyOps: ['wrapKey', 'unwrapKey'] });
		const { properties, keyOperations } = await client.getKey(name);
		const { enabled, notBefore, expiresOn, tags } = properties;
		assert.deepEqual({ enabled, notBefore, expiresOn, tags: { ...tags } }, given);
		assert.deepEqual(keyOperations, ['wrapKey', 'unwrapKey']);
	});
});

describe('import', () => {
	for (const bits of [2048, 3072, 4096]) {
		test(`RSA ${bits}`, async () => {
			const name = uniqueName();
			const { jwk } = rsaJwk(bits);
			const key = await client.importKey(name, jwk);
			assert.deepEqual(Buffer.from(key.key.n), Buffer.from(jwk.n));
			assert.deepEqual([...key.keyOperations].sort(), rsaOps);
			assertOnlyPublic(key);
			assert.deepEqual((await client.getKey(name)).key.n, key.key.n);
		});
	}

	for (const curve of Object.keys(curves)) {
		test(`EC ${curve}`, async () => {
			const { jwk } = ecJwk(curve);
			const key = await client.importKey(uniqueName(), jwk, {
				hardwareProtected: true,
				tags: { from: 'outside' },
			});
			assert.equal(key.keyType, 'EC-HSM');
			assert.equal(key.key.crv, curve);
			assert.deepEqual(Buffer.from(key.key.x), Buffer.from(jwk.x));
			assert.deepEqual({ ...key.properties.tags }, { from: 'outside' });
			assertOnlyPublic(key);
		});
	}
});

describe('get and list', () => {
	test('the latest version, and each one', async () => {
		const name = uniqueName();
		const made = [
			await client.createEcKey(name),
			await client.createEcKey(name),
			await client.createEcKey(name),
		];
		assert.equal((await client.getKey(name)).id, made[2].id);
		for (const key of made) {
			const got = await client.getKey(name, { version: key.properties.version });
			assert.equal(got.id, key.id);
			assert.deepEqual(got.key.x, key.key.x);
			const { vaultUrl, version } = parseKeyVaultKeyIdentifier(got.id);
			assert.deepEqual([vaultUrl, version], [world.url, key.properties.version]);
		}
		const listed = await collect(client.listPropertiesOfKeyVersions(name));
		assert.deepEqual(listed.map((p) => p.id).sort(), made.map((k) => k.id).sort());
		const pages = await collect(client.listPropertiesOfKeyVersions(name).byPage({ maxPageSize: 1 }));
		assert.deepEqual(
			pages
				.flat()
				.map((p) => p.id)
				.sort(),
			made.map((k) => k.id).sort(),
		);
		assert.ok(pages.every((page) => page.length <= 1));
	});

	test('no versions of an unknown key', async () => {
		assert.deepEqual(await collect(client.listPropertiesOfKeyVersions(uniqueName('no'))), []);
	});

	test('keys, in pages', async () => {
		const vault = new KeyClient((await createWorld('sdkjslist')).url, adminCredential());
		assert.deepEqual(await collect(vault.listPropertiesOfKeys()), []);
		const names = Array.from({ length: 28 }, (_, n) => `key-${String(n).padStart(2, '0')}`);
		for (const name of names) {
			await vault.createEcKey(name, { tags: { name } });
		}
		const listed = await collect(vault.listPropertiesOfKeys());
		assert.deepEqual(
			listed.map((p) => p.name),
			names,
		);
		assert.ok(listed.every((p) => p.enabled && p.tags.name === p.name && p.version === undefined));
		const pages = await collect(vault.listPropertiesOfKeys().byPage({ maxPageSize: 5 }));
		assert.deepEqual(
			pages.flat().map((p) => p.name),
			names,
		);
		assert.equal(Math.max(...pages.map((page) => page.length)), 5);
	});
});

test('update', async () => {
	const name = uniqueName();
	const old = await client.createRsaKey(name, { tags: { a: '1', b: '2' } });
	const latest = await client.createRsaKey(name, { tags: { c: '3' } });
	const expiresOn = new Date('2037-12-31T00:00:00Z');
	let changed = await client.updateKeyProperties(name, { tags: { d: '4' }, expiresOn, keyOps: ['sign'] });
	assert.equal(changed.id, latest.id);
	assert.deepEqual({ ...changed.properties.tags }, { d: '4' });
	assert.deepEqual(changed.properties.expiresOn, expiresOn);
	assert.deepEqual(changed.keyOperations, ['sign']);
	assert.deepEqual(changed.key.n, latest.key.n);

	changed = await client.updateKeyProperties(name, old.properties.version, { enabled: false });
	assert.equal(changed.id, old.id);
	assert.equal(changed.properties.enabled, false);
	assert.deepEqual({ ...changed.properties.tags }, { a: '1', b: '2' });
	assert.equal((await client.getKey(name)).properties.enabled, true);
});

for (const serviceVersion of ['7.0', '7.1', '7.2', '7.3', '7.4', '7.5', '7.6', '2025-07-01']) {
	test(`api-version ${serviceVersion}`, async () => {
		const name = uniqueName();
		const vault = new KeyClient(world.url, adminCredential(), { serviceVersion });
		const key = await vault.createEcKey(name, { tags: { v: serviceVersion } });
		assert.equal((await vault.getKey(name)).id, key.id);
		assert.ok((await collect(vault.listPropertiesOfKeys())).some((p) => p.name === name));
		const crypto = vault.getCryptographyClient(name);
		const { result } = await crypto.signData('ES256', Buffer.from('text'));
		assert.equal((await crypto.verifyData('ES256', Buffer.from('text'), result)).result, true);
	});
}
