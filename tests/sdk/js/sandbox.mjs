// A sandbox for tests: starting and stopping one, and setting up what a test needs in it by raw control-plane requests.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { ClientSecretCredential, ManagedIdentityCredential } from '@azure/identity';

const LOCATION = 'westeurope';
const ARM = 'https://management.azure.com/';

/** Path of a built program, below SANDVAULT_BIN (default: build/ of this tree). */
export function program(name) {
	const bin = resolve(process.env.SANDVAULT_BIN ?? join(import.meta.dirname, '..', '..', '..', 'build'));
	const path = [join(bin, name), join(bin, name, name)].find((p) =>
		statSync(p, { throwIfNoEntry: false })?.isFile(),
	);
	if (path === undefined) {
		throw new Error(`${name} is not in ${bin}: build first, or say where it is in SANDVAULT_BIN`);
	}
	return path;
}

/**
 * `sandvault up` as a child: its endpoints, and stop(), which tells whether it ended as it should. settings: of the
 * daemons, as they stand in the environment.
 */
export async function startSandbox(settings = {}) {
	const child = spawn(program('sandvault'), ['up', '--ephemeral', '--json', '--die-with-parent'], {
		stdio: ['ignore', 'pipe', 'inherit'],
		env: { ...process.env, ...settings },
	});
	const ended = once(child, 'exit');
	const [line] = await Promise.race([
		once(createInterface({ input: child.stdout }), 'line'),
		ended.then(([status, signal]) => {
			throw new Error(`sandvault up ended with ${status ?? signal}`);
		}),
	]);
	const endpoints = JSON.parse(line);
	return {
		endpoints,
		async stop() {
			child.kill('SIGTERM');
			const [status] = await ended;
			const leftOver = existsSync(endpoints.data_dir);
			if (status !== 0 || leftOver) {
				console.error(
					`sandvault ended with ${status}${leftOver ? `, leaving ${endpoints.data_dir}` : ''}`,
				);
			}
			return status === 0 && !leftOver;
		},
	};
}

/** The endpoints of the sandbox that run.mjs started. */
export const endpoints = JSON.parse(readFileSync(process.env.SANDVAULT_TEST_ENDPOINTS ?? '/dev/null', 'utf8') || '{}');

export const vaultScope = `https://${endpoints.vault_suffix}/.default`;

export function claimsOf(token) {
	return JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
}

/** The administrator, by client secret. */
export function adminCredential(secret = endpoints.client_secret) {
	return new ClientSecretCredential('adfs', endpoints.client_id, secret, { authorityHost: endpoints.login });
}

let armToken;

async function adminArmToken() {
	armToken ??= (await adminCredential().getToken(`${ARM}.default`)).token;
	return armToken;
}

/** A control-plane request as the administrator, below the subscription; the answer's object. A refusal throws. */
export async function arm(method, path, apiVersion, body) {
	const answer = await fetch(
		`${endpoints.arm}/subscriptions/${endpoints.subscription}${path}?api-version=${apiVersion}`,
		{
			method,
			headers: {
				authorization: `Bearer ${await adminArmToken()}`,
				'content-type': 'application/json',
			},
			body: body && JSON.stringify(body),
		},
	);
	if (answer.status !== 200 && answer.status !== 201) {
		throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
	}
	return answer.json();
}

export async function createIdentity(group, name) {
	const path = `/resourceGroups/${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;
	const { id, properties } = await arm('PUT', path, '2023-01-31', { location: LOCATION });
	return { id, clientId: properties.clientId, objectId: properties.principalId };
}

/** Object id of the virtual machine's own identity. */
async function systemObjectId() {
	const path = '/resourceGroups/sandbox/providers/Microsoft.Compute/virtualMachines/devbox';
	return (await arm('GET', path, '2023-03-01')).identity.principalId;
}

const { roles } = JSON.parse(
	readFileSync(join(import.meta.dirname, '..', '..', '..', 'fixtures', 'builtin-roles.json'), 'utf8'),
);

const definitions = '/providers/Microsoft.Authorization/roleDefinitions';

/** Gives a built-in role at a scope below the subscription; the function returned takes it away again. */
export async function grant(scope, roleName, { objectId }) {
	const path = `${scope}/providers/Microsoft.Authorization/roleAssignments/${randomUUID()}`;
	const { name } = roles.find((role) => role.roleName === roleName);
	await arm('PUT', path, '2022-04-01', {
		properties: {
			roleDefinitionId: `/subscriptions/${endpoints.subscription}${definitions}/${name}`,
			principalId: objectId,
			principalType: 'ServicePrincipal',
		},
	});
	return () => arm('DELETE', path, '2022-04-01');
}

/** Changes properties of a world's vault. */
export async function changeVault({ path }, properties) {
	await arm('PATCH', path, '2022-07-01', { properties });
}

/** Moves the sandbox's clock; body: as POST /clock takes it. */
export async function moveClock(body) {
	const sent = request({ socketPath: endpoints.control, path: '/clock', method: 'POST' });
	sent.end(JSON.stringify(body));
	const [answer] = await once(sent, 'response');
	const text = (await collect(answer)).join('');
	assert.equal(answer.statusCode, 200, text);
}

/**
 * What a test file works in: a group and a premium vault called name, and identities that may use the vault in
 * different ways. cmk: get, wrap, unwrap; system: get, list; blind: compute with keys and not read them; other: nothing.
 * path: of the vault in the control plane.
 */
export async function createWorld(name, vaultProperties = {}) {
	await arm('PUT', `/resourcegroups/${name}`, '2021-04-01', { location: LOCATION });
	const [cmk, blind, other] = [
		await createIdentity(name, 'cmk'),
		await createIdentity(name, 'blind'),
		await createIdentity(name, 'other'),
	];
	const system = { objectId: await systemObjectId() };
	const admin = { objectId: claimsOf(await adminArmToken()).oid };
	const policy = ({ objectId }, ...keys) => ({ tenantId: endpoints.tenant, objectId, permissions: { keys } });
	const path = `/resourceGroups/${name}/providers/Microsoft.KeyVault/vaults/${name}`;
	const vault = await arm('PUT', path, '2022-07-01', {
		location: LOCATION,
		properties: {
			tenantId: endpoints.tenant,
			sku: { family: 'A', name: 'premium' },
			accessPolicies: [
				policy(admin, 'all', 'purge'),
				policy(cmk, 'get', 'wrapKey', 'unwrapKey'),
				policy(system, 'get', 'list'),
				policy(blind, 'encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey'),
			],
			...vaultProperties,
		},
	});
	const url = vault.properties.vaultUri.replace(/\/$/, '');
	return { name, path, url, admin, cmk, blind, other, system };
}

/**
 * A credential for a user-assigned identity by IMDS. The library looks at the environment at every call, so the variable
 * stays set.
 */
export function managedIdentity({ clientId }) {
	process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST = endpoints.imds;
	return new ManagedIdentityCredential({ clientId });
}

/** What the call rejects with: its class, status, code, inner code and message. */
export async function refusal(call) {
	try {
		await call();
	} catch (e) {
		const { error } = e.details ?? {};
		return {
			name: e.name,
			status: e.statusCode,
			code: e.code,
			inner: error?.innerError?.code,
			message: e.message,
		};
	}
	throw new Error('nothing was refused');
}

/** That the call is refused by the service as expected: { status, code } and, when given, { inner }. Its message. */
export async function assertRefused(call, expected) {
	const got = await refusal(call);
	assert.equal(got.name, 'RestError', got.message);
	const { status, code, inner } = got;
	assert.deepEqual({ status, code, ...(expected.inner && { inner }) }, expected, got.message);
	return got.message;
}

/** All that an async iterator gives. */
export async function collect(iterator) {
	const all = [];
	for await (const one of iterator) {
		all.push(one);
	}
	return all;
}

let counter = 0;

/** A key name that nothing else in this test process has. */
export function uniqueName(prefix = 'key') {
	counter += 1;
	return `${prefix}-${counter}`;
}
