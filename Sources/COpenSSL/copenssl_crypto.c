#include "copenssl_crypto.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <string.h>

// ---- algorithms, fetched once; scratch contexts, one a thread ----

static EVP_MD *md_sha256, *md_sm3;
static EVP_CIPHER *cipher_gcm;
static pthread_key_t scratch_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

struct scratch {
    EVP_MD_CTX *md[3]; // by algorithm number: re-initialising with the same digest allocates nothing
    EVP_CIPHER_CTX *cipher;
};

static void scratch_free(void *value) {
    struct scratch *s = value;
    for (int i = 0; i < 3; i++) EVP_MD_CTX_free(s->md[i]);
    EVP_CIPHER_CTX_free(s->cipher);
    OPENSSL_free(s);
}

static void fetch_all(void) {
    md_sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    md_sm3 = EVP_MD_fetch(NULL, "SM3", NULL);
    cipher_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    pthread_key_create(&scratch_key, scratch_free);
}

static struct scratch *scratch(void) {
    static __thread struct scratch *mine;
    if (mine) return mine;
    pthread_once(&once, fetch_all);
    struct scratch *s = OPENSSL_zalloc(sizeof *s);
    if (!s) return NULL;
    if (pthread_setspecific(scratch_key, s) != 0) {
        OPENSSL_free(s);
        return NULL;
    }
    return mine = s;
}

static EVP_MD *digest_of(int algorithm) {
    pthread_once(&once, fetch_all);
    return algorithm == CO_SHA256 ? md_sha256 : algorithm == CO_SM3 ? md_sm3 : NULL;
}

// ---- digests ----

int co_digest(int algorithm, int prefix, const void *a, size_t a_length, const void *b, size_t b_length, uint8_t *out) {
    struct scratch *s = scratch();
    EVP_MD *md = digest_of(algorithm);
    if (!s || !md) return 0;
    EVP_MD_CTX *c = s->md[algorithm];
    if (!c && !(c = s->md[algorithm] = EVP_MD_CTX_new())) return 0;
    // 65 bytes of a tree node, and most leaves, in one update: each update costs a provider call.
    uint8_t joined[256];
    size_t prefixed = prefix >= 0;
    if (!EVP_DigestInit_ex2(c, md, NULL)) return 0;
    if (a_length + b_length < sizeof joined && a_length < sizeof joined) {
        if (prefixed) joined[0] = (uint8_t)prefix;
        if (a_length) memcpy(joined + prefixed, a, a_length);
        if (b_length) memcpy(joined + prefixed + a_length, b, b_length);
        return EVP_DigestUpdate(c, joined, prefixed + a_length + b_length) && EVP_DigestFinal_ex(c, out, NULL);
    }
    joined[0] = (uint8_t)prefix;
    return EVP_DigestUpdate(c, joined, prefixed) && EVP_DigestUpdate(c, a, a_length) &&
           EVP_DigestUpdate(c, b, b_length) && EVP_DigestFinal_ex(c, out, NULL);
}

EVP_MD_CTX *co_digest_new(int algorithm) {
    EVP_MD *md = digest_of(algorithm);
    EVP_MD_CTX *c = md ? EVP_MD_CTX_new() : NULL;
    if (c && EVP_DigestInit_ex2(c, md, NULL)) return c;
    EVP_MD_CTX_free(c);
    return NULL;
}

int co_digest_update(EVP_MD_CTX *context, const void *bytes, size_t length) {
    return EVP_DigestUpdate(context, bytes, length);
}

int co_digest_finish(EVP_MD_CTX *context, int algorithm, uint8_t *out) {
    return EVP_DigestFinal_ex(context, out, NULL) && EVP_DigestInit_ex2(context, digest_of(algorithm), NULL);
}

void co_digest_free(EVP_MD_CTX *context) { EVP_MD_CTX_free(context); }

// ---- randomness, memory ----

int co_random(uint8_t *out, size_t length) {
    if (length > INT_MAX) return 0;
    return length == 0 || RAND_bytes(out, (int)length) == 1;
}

void co_cleanse(void *bytes, size_t length) { OPENSSL_cleanse(bytes, length); }

int co_equal(const void *a, const void *b, size_t length) { return CRYPTO_memcmp(a, b, length) == 0; }

int co_hmac_sha256(const uint8_t *key, size_t key_length, const void *bytes, size_t length, uint8_t *out) {
    static const uint8_t none[1];
    if (key_length > INT_MAX || !digest_of(CO_SHA256)) return 0;
    return HMAC(md_sha256, key_length ? key : none, (int)key_length, length ? bytes : none, length, out, NULL) != NULL;
}

// ---- AES-256-GCM ----

static EVP_CIPHER_CTX *gcm_context(size_t aad_length, size_t length) {
    struct scratch *s = scratch();
    if (!s || !cipher_gcm || aad_length > INT_MAX || length > INT_MAX) return NULL;
    if (!s->cipher) s->cipher = EVP_CIPHER_CTX_new();
    return s->cipher;
}

int co_aes256gcm_seal(const uint8_t *key, const uint8_t *nonce, const void *aad, size_t aad_length, const void *plain,
                      size_t length, uint8_t *cipher, uint8_t *tag) {
    EVP_CIPHER_CTX *c = gcm_context(aad_length, length);
    int n = 0;
    if (!c) return 0;
    int ok = EVP_EncryptInit_ex2(c, cipher_gcm, key, nonce, NULL) &&
             (aad_length == 0 || EVP_EncryptUpdate(c, NULL, &n, aad, (int)aad_length)) &&
             (length == 0 || EVP_EncryptUpdate(c, cipher, &n, plain, (int)length)) &&
             EVP_EncryptFinal_ex(c, cipher + length, &n) && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, tag);
    EVP_CIPHER_CTX_reset(c); // wipes the key schedule
    return ok;
}

int co_aes256gcm_open(const uint8_t *key, const uint8_t *nonce, const void *aad, size_t aad_length, const void *cipher,
                      size_t length, const uint8_t *tag, uint8_t *out) {
    EVP_CIPHER_CTX *c = gcm_context(aad_length, length);
    int n = 0;
    if (!c) return -1;
    int ok = EVP_DecryptInit_ex2(c, cipher_gcm, key, nonce, NULL) &&
             (aad_length == 0 || EVP_DecryptUpdate(c, NULL, &n, aad, (int)aad_length)) &&
             (length == 0 || EVP_DecryptUpdate(c, out, &n, cipher, (int)length)) &&
             EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, 16, (void *)(uintptr_t)tag);
    int match = ok && EVP_DecryptFinal_ex(c, out + length, &n) > 0;
    EVP_CIPHER_CTX_reset(c);
    if (!match) {
        OPENSSL_cleanse(out, length);
        ERR_clear_error();
    }
    return match ? 1 : ok ? 0 : -1;
}
