// Digests, AEAD, keys, signatures, X.509, CRL, CMS: what Sources/Crypto uses.
//
// Conventions: functions return 1 for success and 0 for failure unless said otherwise. Algorithms are fetched once per
// process; scratch contexts are per thread, so every function here may be called from any thread.
#ifndef COPENSSL_CRYPTO_H
#define COPENSSL_CRYPTO_H
#include <stddef.h>
#include <stdint.h>

// Digest algorithms, by the numbers the journal's segment header uses.
#define CO_SHA256 1
#define CO_SM3 2

// out = H([prefix] || a || b); prefix < 0: none. Both algorithms give 32 bytes.
int co_digest(int algorithm, int prefix, const void *a, size_t a_length, const void *b, size_t b_length, uint8_t *out);

// Incremental digest. NULL on failure.
struct evp_md_ctx_st *co_digest_new(int algorithm);
int co_digest_update(struct evp_md_ctx_st *context, const void *bytes, size_t length);
// Writes 32 bytes and makes the context ready for the next message.
int co_digest_finish(struct evp_md_ctx_st *context, int algorithm, uint8_t *out);
void co_digest_free(struct evp_md_ctx_st *context);

int co_random(uint8_t *out, size_t length);
void co_cleanse(void *bytes, size_t length);
// 1 if equal, in time that depends on the length only.
int co_equal(const void *a, const void *b, size_t length);

// HMAC-SHA-256.
int co_hmac_sha256(const uint8_t *key, size_t key_length, const void *bytes, size_t length, uint8_t *out);

// AES-256-GCM; key 32, nonce 12, tag 16 bytes. Lengths must fit an int: the callers' limits see to that, and it is checked.
int co_aes256gcm_seal(const uint8_t *key, const uint8_t *nonce, const void *aad, size_t aad_length, const void *plain,
                      size_t length, uint8_t *cipher, uint8_t *tag);
// 0: the tag does not match (out is then wiped); -1: libcrypto failed.
int co_aes256gcm_open(const uint8_t *key, const uint8_t *nonce, const void *aad, size_t aad_length, const void *cipher,
                      size_t length, const uint8_t *tag, uint8_t *out);
#endif
