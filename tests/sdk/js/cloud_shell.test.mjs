// MSI_ENDPOINT alone is Cloud Shell to the library: it asks for the machine's own identity and for no other one.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { ManagedIdentityCredential } from '@azure/identity';
import { KeyClient } from '@azure/keyvault-keys';
import { adminCredential, claimsOf, collect, createWorld, endpoints, refusal, vaultScope } from './sandbox.mjs';

describe('managed identity by Cloud Shell', () => {
	let world;

	before(async () => {
		process.env.MSI_ENDPOINT = `${endpoints.imds}/oauth2/token`;
		world = await createWorld('sdkjsshell');
		await new KeyClient(world.url, adminCredential()).createRsaKey('k', { keySize: 2048 });
	});

	test('system-assigned', async () => {
		const credential = new ManagedIdentityCredential();
		const claims = claimsOf((await credential.getToken(vaultScope)).token);
		assert.equal(claims.oid, world.system.objectId);
		const keys = await collect(new KeyClient(world.url, credential).listPropertiesOfKeys());
		assert.deepEqual(
			keys.map((k) => k.name),
			['k'],
		);
	});

	test('an unknown resource', async () => {
		const credential = new ManagedIdentityCredential();
		const { name, message } = await refusal(() => credential.getToken('https://nobody.example/.default'));
		assert.match(name, /^(AuthenticationRequiredError|AuthenticationError|CredentialUnavailableError)$/);
		assert.match(message, /AADSTS50001/);
	});

	test('user-assigned: the library itself refuses', async () => {
		await assert.rejects(async () => {
			const credential = new ManagedIdentityCredential({ clientId: world.cmk.clientId });
			await credential.getToken(vaultScope);
		}, /cloud.?shell/i);
	});
});
