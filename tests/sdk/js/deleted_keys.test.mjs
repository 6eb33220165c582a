// KeyClient: delete, and what can be done with a deleted key.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { KeyClient } from '@azure/keyvault-keys';
import { adminCredential, assertRefused, collect, createWorld, refusal, uniqueName } from './sandbox.mjs';
import { ecJwk } from './own_keys.mjs';

const DAY_MS = 86_400_000;
let world, client;

before(async () => {
	world = await createWorld('sdkjsdel');
	client = new KeyClient(world.url, adminCredential());
});

async function deleteKey(vault, name) {
	const poller = await vault.beginDeleteKey(name);
	const deleted = await poller.pollUntilDone();
	assert.ok(poller.isDone());
	return deleted;
}

test('delete, then get deleted', async () => {
	const name = uniqueName();
	const key = await client.createRsaKey(name, { tags: { kept: 'yes' } });
	const deleted = await deleteKey(client, name);
	for (const got of [deleted, await client.getDeletedKey(name)]) {
		assert.equal(got.id, key.id);
		assert.deepEqual(got.key.n, key.key.n);
		assert.equal(got.properties.recoveryId, `${world.url}/deletedkeys/${name}`);
		assert.equal(got.properties.scheduledPurgeDate - got.properties.deletedOn, 90 * DAY_MS);
		assert.deepEqual({ ...got.properties.tags }, { kept: 'yes' });
	}
	assert.equal((await refusal(() => client.getKey(name))).status, 404);
	assert.ok(!(await collect(client.listPropertiesOfKeys())).some((p) => p.name === name));
});

test('list deleted, in pages', async () => {
	const { url } = await createWorld('sdkjsdellist', { softDeleteRetentionInDays: 7 });
	const vault = new KeyClient(url, adminCredential());
	const names = ['gone-0', 'gone-1', 'gone-2', 'gone-3', 'gone-4'];
	for (const name of names) {
		await vault.createEcKey(name);
		await deleteKey(vault, name);
	}
	const listed = await collect(vault.listDeletedKeys());
	assert.deepEqual(
		listed.map((d) => d.name),
		names,
	);
	for (const { name, properties } of listed) {
		assert.equal(properties.scheduledPurgeDate - properties.deletedOn, 7 * DAY_MS);
		assert.equal(properties.recoveryId, `${url}/deletedkeys/${name}`);
		assert.equal(properties.recoveryLevel, 'CustomizedRecoverable+Purgeable');
	}
	const pages = await collect(vault.listDeletedKeys().byPage({ maxPageSize: 2 }));
	assert.deepEqual(
		pages.flat().map((d) => d.name),
		names,
	);
	assert.equal(Math.max(...pages.map((page) => page.length)), 2);
});

test('recover brings all versions back', async () => {
	const name = uniqueName();
	const made = [await client.createEcKey(name), await client.createEcKey(name)];
	const crypto = client.getCryptographyClient(name);
	const { result: signature } = await crypto.signData('ES256', Buffer.from('text'));
	await deleteKey(client, name);

	const poller = await client.beginRecoverDeletedKey(name);
	assert.equal((await poller.pollUntilDone()).id, made[1].id);
	assert.equal((await client.getKey(name)).id, made[1].id);
	const versions = await collect(client.listPropertiesOfKeyVersions(name));
	assert.deepEqual(versions.map((p) => p.id).sort(), made.map((k) => k.id).sort());
	assert.equal((await crypto.verifyData('ES256', Buffer.from('text'), signature)).result, true);
	assert.equal((await refusal(() => client.getDeletedKey(name))).status, 404);
});

test('purge frees the name', async () => {
	const name = uniqueName();
	const old = await client.createEcKey(name);
	await deleteKey(client, name);
	await client.purgeDeletedKey(name);
	assert.equal((await refusal(() => client.getDeletedKey(name))).code, 'KeyNotFound');
	const fresh = await client.createEcKey(name);
	assert.notEqual(fresh.id, old.id);
	const versions = await collect(client.listPropertiesOfKeyVersions(name));
	assert.deepEqual(
		versions.map((p) => p.id),
		[fresh.id],
	);
});

test('the name of a deleted key is taken', async () => {
	const name = uniqueName();
	await client.createEcKey(name);
	await deleteKey(client, name);
	for (const again of [() => client.createEcKey(name), () => client.importKey(name, ecJwk('P-256').jwk)]) {
		const { status, code, inner } = await refusal(again);
		assert.deepEqual([status, code, inner], [409, 'Conflict', 'ObjectIsDeletedButRecoverable']);
	}
});

test('a deleted key is not found', async () => {
	const name = uniqueName();
	const { id } = await client.createEcKey(name);
	await deleteKey(client, name);
	const calls = [
		() => client.getKey(name),
		() => client.updateKeyProperties(name, { enabled: false }),
		() => client.beginDeleteKey(name),
		() => client.backupKey(name),
		() => client.rotateKey(name),
		() => client.getCryptographyClient(name).signData('ES256', Buffer.from('text')),
	];
	for (const call of calls) {
		await assertRefused(call, { status: 404, code: 'KeyNotFound' });
	}
	assert.equal((await client.getDeletedKey(name)).id, id);
});

// The administrator, too, waits until the retention is over.
for (const [days, level] of [
	[90, 'Recoverable'],
	[7, 'CustomizedRecoverable'],
]) {
	test(`purge protection, ${days} days`, async () => {
		const properties = { enablePurgeProtection: true, softDeleteRetentionInDays: days };
		const kept = await createWorld(`sdkjskeep${days}`, properties);
		const vault = new KeyClient(kept.url, adminCredential());
		const key = await vault.createEcKey('kept');
		assert.deepEqual([key.properties.recoveryLevel, key.properties.recoverableDays], [level, days]);
		await deleteKey(vault, 'kept');
		const message = await assertRefused(() => vault.purgeDeletedKey('kept'), {
			status: 403,
			code: 'Forbidden',
		});
		assert.equal(
			message,
			'Operation "purge" is not allowed because purge protection is enabled for this vault. ' +
				'Key Vault service will automatically purge it after the retention period has ' +
				'passed.\r\n' +
				`Vault: ${kept.name};location=westeurope`,
		);
		assert.equal((await vault.getDeletedKey('kept')).id, key.id);
		await (await vault.beginRecoverDeletedKey('kept')).pollUntilDone();
		assert.equal((await vault.getKey('kept')).id, key.id);
	});
}
