// The same tests for every dialect of managed identity. Each dialect has a test file, and so a process, of its own: the
// library keeps tokens for the whole process and would not ask a second dialect for what the first one gave.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { ManagedIdentityCredential } from '@azure/identity';
import { KeyClient } from '@azure/keyvault-keys';
import { adminCredential, claimsOf, collect, createWorld, refusal, vaultScope } from './sandbox.mjs';

const namings = {
	'client id': ({ clientId }) => ({ clientId }),
	'object id': ({ objectId }) => ({ objectId }),
	'resource id': ({ id }) => ({ resourceId: id }),
};

export function managedIdentityTests(dialect, vaultName, variables) {
	describe(`managed identity by ${dialect}`, () => {
		let world, key;

		before(async () => {
			Object.assign(process.env, variables);
			world = await createWorld(vaultName);
			key = await new KeyClient(world.url, adminCredential()).createRsaKey('k', { keySize: 2048 });
		});

		for (const [naming, options] of Object.entries(namings)) {
			test(`user-assigned, by ${naming}`, async () => {
				const credential = new ManagedIdentityCredential(options(world.cmk));
				const claims = claimsOf((await credential.getToken(vaultScope)).token);
				assert.equal(claims.oid, world.cmk.objectId);
				assert.equal(claims.appid, world.cmk.clientId);
				assert.equal(claims.xms_mirid.toLowerCase(), world.cmk.id.toLowerCase());

				const vault = new KeyClient(world.url, credential);
				assert.equal((await vault.getKey('k')).id, key.id);
				const crypto = vault.getCryptographyClient('k');
				const wrapped = await crypto.wrapKey('RSA-OAEP-256', Buffer.from('data key'));
				const unwrapped = await crypto.unwrapKey('RSA-OAEP-256', wrapped.result);
				assert.equal(Buffer.from(unwrapped.result).toString(), 'data key');
				assert.equal((await refusal(() => collect(vault.listPropertiesOfKeys()))).status, 403);
			});

			test(`unknown, by ${naming}`, async () => {
				const nobody = {
					clientId: '00000000-1111-2222-3333-444444444444',
					objectId: '00000000-1111-2222-3333-444444444444',
					id: `${world.cmk.id}-which-is-not`,
				};
				const credential = new ManagedIdentityCredential(options(nobody));
				const { name } = await refusal(() => credential.getToken(vaultScope));
				assert.match(
					name,
					/^(AuthenticationRequiredError|AuthenticationError|CredentialUnavailableError)$/,
				);
			});
		}

		test('system-assigned', async () => {
			const credential = new ManagedIdentityCredential();
			const claims = claimsOf((await credential.getToken(vaultScope)).token);
			assert.equal(claims.oid, world.system.objectId);
			assert.match(claims.xms_mirid, /\/providers\/microsoft\.compute\/virtualmachines\/devbox$/i);
			const keys = await collect(new KeyClient(world.url, credential).listPropertiesOfKeys());
			assert.deepEqual(
				keys.map((k) => k.name),
				['k'],
			);
		});
	});
}
