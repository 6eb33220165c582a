/*
 * RSA-OAEP-256 decryption with a key of BITS in a bare loop, one thread and one context for each core: what the library
 * gives at most.
 *
 * usage: bench_rsa_loop BITS SECONDS [THREADS]
 */

#include <pthread.h>
#include <unistd.h>

#include <mbedtls/rsa.h>

#include "tests/bench/peer.h"

enum { THREADS_MAX = 64, RSA_BYTES_MAX = 512, DATA_KEY = 32 };

struct worker {
	pthread_t thread;
	struct peer random;
	mbedtls_rsa_context rsa;
	unsigned char cipher[RSA_BYTES_MAX];
	double end;
	unsigned long n;
};

static void *work(void *arg)
{
	struct worker *w = arg;
	unsigned char plain[RSA_BYTES_MAX];
	size_t len;

	while (now_s() < w->end) {
		must(mbedtls_rsa_rsaes_oaep_decrypt(&w->rsa, mbedtls_ctr_drbg_random, &w->random.drbg,
						    MBEDTLS_RSA_PRIVATE, NULL, 0, &len, w->cipher, plain,
						    sizeof(plain)),
		     "decrypt");
		w->n++;
	}
	return NULL;
}

static void prepare(struct worker *w, const mbedtls_rsa_context *key)
{
	unsigned char plain[DATA_KEY] = "what is wrapped";

	peer_init(&w->random, MBEDTLS_SSL_IS_CLIENT);
	mbedtls_rsa_init(&w->rsa, MBEDTLS_RSA_PKCS_V21, MBEDTLS_MD_SHA256);
	must(mbedtls_rsa_copy(&w->rsa, key), "copy");
	must(mbedtls_rsa_rsaes_oaep_encrypt(&w->rsa, mbedtls_ctr_drbg_random, &w->random.drbg, MBEDTLS_RSA_PUBLIC, NULL,
					    0, sizeof(plain), plain, w->cipher),
	     "encrypt");
}

int main(int argc, char **argv)
{
	static struct worker workers[THREADS_MAX];
	struct peer random;
	mbedtls_rsa_context key;
	unsigned long sum = 0;
	double start, cpu, seconds;

	if (argc < 3)
		die("usage: bench_rsa_loop BITS SECONDS [THREADS]");
	seconds = atof(argv[2]);
	long n = argc > 3 ? atol(argv[3]) : sysconf(_SC_NPROCESSORS_ONLN);
	if (n < 1 || n > THREADS_MAX)
		n = THREADS_MAX;
	peer_init(&random, MBEDTLS_SSL_IS_CLIENT);
	mbedtls_rsa_init(&key, MBEDTLS_RSA_PKCS_V21, MBEDTLS_MD_SHA256);
	must(mbedtls_rsa_gen_key(&key, mbedtls_ctr_drbg_random, &random.drbg, (unsigned)atoi(argv[1]), 65537), "key");
	for (long i = 0; i < n; i++)
		prepare(&workers[i], &key);
	start = now_s();
	cpu = cpu_s();
	for (long i = 0; i < n; i++) {
		workers[i].end = start + seconds;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
			die("cannot make a thread");
	}
	for (long i = 0; i < n; i++) {
		pthread_join(workers[i].thread, NULL);
		sum += workers[i].n;
		mbedtls_rsa_free(&workers[i].rsa);
		peer_done(&workers[i].random);
	}
	printf("{\"rate\":%.1f,\"n\":%lu,\"cpu_s\":%.3f}\n", (double)sum / (now_s() - start), sum, cpu_s() - cpu);
	mbedtls_rsa_free(&key);
	peer_done(&random);
	return 0;
}
