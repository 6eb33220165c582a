// Imported before sandbox.mjs, it makes a test file meet the sandbox whose deletions take ten minutes of its clock.

process.env.SANDVAULT_TEST_ENDPOINTS = process.env.SANDVAULT_TEST_SLOW_ENDPOINTS;
