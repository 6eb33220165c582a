// KeyClient: backup and restore, there and back and where it does not go.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { KeyClient } from '@azure/keyvault-keys';
import { adminCredential, assertRefused, collect, createWorld, managedIdentity, uniqueName } from './sandbox.mjs';

const conflict = { status: 409, code: 'Conflict' };
const algorithm = 'RSA-OAEP-256';
let world, client;

before(async () => {
	world = await createWorld('sdkjsbak');
	client = new KeyClient(world.url, adminCredential());
});

async function deleteKey(name) {
	await (await client.beginDeleteKey(name)).pollUntilDone();
}

async function purgeKey(name) {
	await deleteKey(name);
	await client.purgeDeletedKey(name);
}

test('there and back', async () => {
	const name = uniqueName();
	const expiresOn = new Date('2037-01-01'); // of later ones the SDK sends the low 32 bits alone
	const old = await client.createRsaKey(name, { tags: { n: '1' } });
	const dataKey = Buffer.alloc(32, 'k');
	const { result: wrapped } = await client.getCryptographyClient(name).wrapKey(algorithm, dataKey);
	const fresh = await client.createRsaKey(name, { tags: { n: '2' }, enabled: false, expiresOn });
	await client.updateKeyRotationPolicy(name, { expiresIn: 'P90D', lifetimeActions: [] });
	const backup = await client.backupKey(name);
	assert.ok(backup instanceof Uint8Array);
	await purgeKey(name);
	await assertRefused(() => client.getKey(name), { status: 404, code: 'KeyNotFound' });

	for (const got of [await client.restoreKeyBackup(backup), await client.getKey(name)]) {
		assert.equal(got.id, fresh.id);
		assert.deepEqual(got.key.n, fresh.key.n);
		assert.deepEqual({ ...got.properties.tags }, { n: '2' });
		assert.equal(got.properties.enabled, false);
		assert.deepEqual(got.properties.expiresOn, expiresOn);
	}
	const versions = await collect(client.listPropertiesOfKeyVersions(name));
	assert.deepEqual(versions.map((p) => p.id).sort(), [old.id, fresh.id].sort());
	assert.equal((await client.getKeyRotationPolicy(name)).expiresIn, 'P90D');
	const crypto = client.getCryptographyClient(name, { keyVersion: old.properties.version });
	assert.deepEqual(Buffer.from((await crypto.unwrapKey(algorithm, wrapped)).result), dataKey);
});

test('into another vault', async () => {
	const { id, name } = await client.createEcKey(uniqueName());
	const text = Buffer.from('text');
	const { result: signature } = await client.getCryptographyClient(name).signData('ES256', text);
	const { url } = await createWorld('sdkjsbakother');
	const other = new KeyClient(url, adminCredential());
	const restored = await other.restoreKeyBackup(await client.backupKey(name));
	assert.equal(restored.id, id.replace(world.url, url));
	assert.equal((await other.getCryptographyClient(name).verifyData('ES256', text, signature)).result, true);
});

test('the name is taken', async () => {
	const { id, name } = await client.createEcKey(uniqueName());
	const backup = await client.backupKey(name);
	const message = await assertRefused(() => client.restoreKeyBackup(backup), conflict);
	assert.ok(message.startsWith(`There was a conflict restoring the key '${id}'.`), message);

	await deleteKey(name);
	const inner = 'ObjectIsDeletedButRecoverable';
	await assertRefused(() => client.restoreKeyBackup(backup), { ...conflict, inner });

	await client.purgeDeletedKey(name);
	const another = await client.createEcKey(name);
	await assertRefused(() => client.restoreKeyBackup(backup), conflict);
	assert.equal((await client.getKey(name)).id, another.id);
});

test('what is no backup', async () => {
	const { name } = await client.createEcKey(uniqueName());
	const backup = await client.backupKey(name);
	await purgeKey(name);
	const changed = Uint8Array.from(backup);
	changed[200] ^= 1;
	for (const bad of [Buffer.from('backup'), backup.subarray(0, -40), changed]) {
		const message = await assertRefused(() => client.restoreKeyBackup(bad), {
			status: 400,
			code: 'Malformed backup blob',
		});
		assert.equal(message, 'Backup blob is corrupt.');
	}
	await client.restoreKeyBackup(backup);
});

test('without the permission', async () => {
	const { name } = await client.createEcKey(uniqueName());
	const backup = await client.backupKey(name);
	const vault = new KeyClient(world.url, managedIdentity(world.cmk));
	const calls = { backup: () => vault.backupKey(name), restore: () => vault.restoreKeyBackup(backup) };
	for (const [operation, call] of Object.entries(calls)) {
		const message = await assertRefused(call, { status: 403, code: 'Forbidden', inner: 'AccessDenied' });
		assert.ok(message.includes(`does not have keys ${operation} permission on key vault`), message);
	}
});
