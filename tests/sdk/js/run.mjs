// Starts one sandbox, runs the tests against it (all, or the files named as arguments), stops it; its status is theirs.
//
// Node reads NODE_EXTRA_CA_CERTS once, when it starts: so the sandbox must be there before the tests' own process.

import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { startSandbox } from './sandbox.mjs';

const here = import.meta.dirname;
// Variables that steer a credential or a proxy: what the machine at hand has set must not take part.
const foreign = /^(AZURE_|IDENTITY_|IMDS_|MSI_|MSAL_|NODE_OPTIONS$|(HTTP|HTTPS|ALL|NO)_PROXY$)/i;

const named = process.argv.slice(2);
const files =
	named.length > 0
		? named
		: readdirSync(here)
				.filter((f) => f.endsWith('.test.mjs'))
				.sort();
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));

const sandbox = await startSandbox();
let status = 1;
try {
	const node = spawn(
		process.execPath,
		// One file at a time: each test process is busy enough with the arithmetic it compares with.
		[
			'--import',
			'./resolve_localhost.mjs',
			'--test',
			'--test-reporter=spec',
			'--test-concurrency=1',
			...files,
		],
		{
			cwd: here,
			stdio: 'inherit',
			env: {
				...env,
				NODE_EXTRA_CA_CERTS: sandbox.endpoints.ca,
				SANDVAULT_TEST_ENDPOINTS: join(sandbox.endpoints.data_dir, 'endpoints.json'),
			},
		},
	);
	[status] = await once(node, 'exit');
} finally {
	const clean = await sandbox.stop();
	if (!clean) {
		status ||= 1;
	}
}
process.exitCode = status ?? 1;
