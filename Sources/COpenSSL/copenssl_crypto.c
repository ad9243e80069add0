#include "copenssl_crypto.h"

#include <arpa/inet.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

// ---- algorithms, fetched once; scratch contexts, one a thread ----

static EVP_MD *md_sha256, *md_sm3;
static EVP_CIPHER *cipher_gcm;
static pthread_key_t scratch_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

struct scratch {
    EVP_MD_CTX *md[3]; // by algorithm number: re-initialising with the same digest allocates nothing
    EVP_CIPHER_CTX *cipher;
    EVP_CIPHER_CTX *keyed; // co_seal_begin … co_seal_end: holds one key for several seals
    int keyed_busy;
};

static void scratch_free(void *value) {
    struct scratch *s = value;
    for (int i = 0; i < 3; i++) EVP_MD_CTX_free(s->md[i]);
    EVP_CIPHER_CTX_free(s->cipher);
    EVP_CIPHER_CTX_free(s->keyed);
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

// The context is set up for the cipher once a thread; a new key, then only new nonces: a seal of a short text is four times
// cheaper than one that begins with a fresh context.
EVP_CIPHER_CTX *co_seal_begin(const uint8_t *key) {
    struct scratch *s = scratch();
    if (!s || !cipher_gcm || s->keyed_busy) return NULL;
    EVP_CIPHER *first = NULL;
    if (!s->keyed) {
        if (!(s->keyed = EVP_CIPHER_CTX_new())) return NULL;
        first = cipher_gcm;
    }
    if (!EVP_EncryptInit_ex2(s->keyed, first, key, NULL, NULL)) {
        EVP_CIPHER_CTX_free(s->keyed);
        s->keyed = NULL;
        return NULL;
    }
    s->keyed_busy = 1;
    return s->keyed;
}

int co_seal_next(EVP_CIPHER_CTX *c, const uint8_t *nonce, const void *aad, size_t aad_length, const void *plain,
                 size_t length, uint8_t *cipher, uint8_t *tag) {
    int n = 0;
    if (aad_length > INT_MAX || length > INT_MAX) return 0;
    return EVP_EncryptInit_ex2(c, NULL, NULL, nonce, NULL) &&
           (aad_length == 0 || EVP_EncryptUpdate(c, NULL, &n, aad, (int)aad_length)) &&
           (length == 0 || EVP_EncryptUpdate(c, cipher, &n, plain, (int)length)) &&
           EVP_EncryptFinal_ex(c, cipher + length, &n) && EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, 16, tag);
}

void co_seal_end(EVP_CIPHER_CTX *c) {
    struct scratch *s = scratch();
    if (s && s->keyed == c) s->keyed_busy = 0;
}

void co_seal_forget(void) {
    struct scratch *s = scratch();
    if (!s || s->keyed_busy) return;
    EVP_CIPHER_CTX_free(s->keyed); // wipes the key schedule
    s->keyed = NULL;
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

// ---- bytes and errors ----

static const struct co_bytes no_bytes = {NULL, 0};

void co_bytes_free(struct co_bytes bytes) { OPENSSL_clear_free(bytes.data, bytes.length); }

static struct co_bytes copied(const void *data, size_t length) {
    struct co_bytes b = {OPENSSL_malloc(length + 1), length};
    if (!b.data) return no_bytes;
    if (length) memcpy(b.data, data, length);
    return b;
}

// What an i2d function made.
static struct co_bytes encoded(unsigned char *der, int length) {
    struct co_bytes b = {der, (size_t)length};
    return length > 0 && der ? b : no_bytes;
}

static struct co_bytes from_bio(BIO *bio) {
    char *data = NULL;
    long length = bio ? BIO_get_mem_data(bio, &data) : 0;
    struct co_bytes b = length > 0 ? copied(data, (size_t)length) : no_bytes;
    BIO_free(bio);
    return b;
}

void co_error_text(char *out, size_t capacity) {
    unsigned long e = ERR_peek_last_error();
    const char *reason = e ? ERR_reason_error_string(e) : NULL;
    OPENSSL_strlcpy(out, reason ? reason : "no further reason given", capacity);
    ERR_clear_error();
}

// ---- PEM ----

struct co_bytes co_pem_block(const uint8_t *text, size_t length, size_t index, char *name, size_t name_capacity) {
    BIO *bio = length <= INT_MAX ? BIO_new_mem_buf(text, (int)length) : NULL;
    struct co_bytes found = no_bytes;
    char *block = NULL, *header = NULL;
    unsigned char *data = NULL;
    long n = 0;
    for (size_t i = 0; bio && PEM_read_bio(bio, &block, &header, &data, &n) == 1; i++) {
        int last = i == index;
        if (last) {
            found = copied(data, (size_t)n);
            // A "Proc-Type: 4,ENCRYPTED" header makes the bytes unreadable as what the name says.
            OPENSSL_strlcpy(name, header && header[0] ? "ENCRYPTED" : block, name_capacity);
        }
        OPENSSL_free(block);
        OPENSSL_free(header);
        OPENSSL_clear_free(data, (size_t)n);
        if (last) break;
    }
    BIO_free(bio);
    ERR_clear_error();
    return found;
}

struct co_bytes co_pem_write(const char *name, const uint8_t *der, size_t length) {
    BIO *bio = length <= LONG_MAX ? BIO_new(BIO_s_mem()) : NULL;
    if (bio && PEM_write_bio(bio, name, "", der, (long)length) > 0) return from_bio(bio);
    BIO_free(bio);
    return no_bytes;
}

// ---- keys and signatures ----

EVP_PKEY *co_key_generate(int algorithm) {
    return algorithm == CO_P256 ? EVP_EC_gen("P-256") : algorithm == CO_SM2 ? EVP_PKEY_Q_keygen(NULL, NULL, "SM2") : NULL;
}

EVP_PKEY *co_key_private(const uint8_t *der, size_t length) {
    const unsigned char *p = der;
    if (length > LONG_MAX) return NULL;
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &p, (long)length);
    if (key && p == der + length) return key;
    EVP_PKEY_free(key);
    return NULL;
}

EVP_PKEY *co_key_public(const uint8_t *der, size_t length) {
    const unsigned char *p = der;
    if (length > LONG_MAX) return NULL;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)length);
    if (key && p == der + length) return key;
    EVP_PKEY_free(key);
    return NULL;
}

int co_key_algorithm(EVP_PKEY *key, char *name, size_t capacity) {
    char group[64] = "";
    const char *kind = EVP_PKEY_get0_type_name(key);
    OPENSSL_strlcpy(name, kind ? kind : "unknown", capacity);
    if (EVP_PKEY_is_a(key, "SM2")) return CO_SM2;
    if (!EVP_PKEY_is_a(key, "EC") || !EVP_PKEY_get_group_name(key, group, sizeof group, NULL)) {
        ERR_clear_error();
        return 0;
    }
    OPENSSL_strlcat(name, " ", capacity);
    OPENSSL_strlcat(name, group, capacity);
    return strcmp(group, "prime256v1") == 0 || strcmp(group, "P-256") == 0 ? CO_P256 : 0;
}

struct co_bytes co_key_private_der(EVP_PKEY *key) {
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    unsigned char *der = NULL;
    int length = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : 0;
    PKCS8_PRIV_KEY_INFO_free(info);
    return encoded(der, length);
}

struct co_bytes co_key_public_der(EVP_PKEY *key) {
    unsigned char *der = NULL;
    int length = i2d_PUBKEY(key, &der);
    return encoded(der, length);
}

void co_key_free(EVP_PKEY *key) { EVP_PKEY_free(key); }

struct co_signature_context {
    int algorithm;
    EVP_PKEY *key;
    EVP_PKEY_CTX *operation; // P-256 only: initialised once, signs and verifies digests
};

// GB/T 35276's default distinguishing id. OpenSSL 3.0 takes none unless told, and then agrees with nobody.
static const char sm2_id[] = "1234567812345678";

struct co_signature_context *co_signature_new(EVP_PKEY *key, int algorithm, int sign) {
    struct co_signature_context *c = OPENSSL_zalloc(sizeof *c);
    if (!c || !EVP_PKEY_up_ref(key)) {
        OPENSSL_free(c);
        return NULL;
    }
    c->algorithm = algorithm;
    c->key = key;
    int ok = digest_of(algorithm == CO_P256 ? CO_SHA256 : CO_SM3) != NULL;
    if (algorithm == CO_P256) {
        c->operation = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
        ok = ok && c->operation &&
             (sign ? EVP_PKEY_sign_init(c->operation) : EVP_PKEY_verify_init(c->operation)) == 1 &&
             EVP_PKEY_CTX_set_signature_md(c->operation, md_sha256) == 1;
    } else {
        ok = ok && algorithm == CO_SM2;
    }
    if (ok) return c;
    co_signature_free(c);
    return NULL;
}

void co_signature_free(struct co_signature_context *c) {
    if (!c) return;
    EVP_PKEY_CTX_free(c->operation);
    EVP_PKEY_free(c->key);
    OPENSSL_free(c);
}

// SM2's hash begins with the distinguishing id and the key; contexts cannot be used again once that is done.
static int sm2(struct co_signature_context *c, const uint8_t *message, size_t length, uint8_t *signed_out,
               size_t *signed_length, const uint8_t *signature, size_t signature_length) {
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    EVP_PKEY_CTX *operation = EVP_PKEY_CTX_new_from_pkey(NULL, c->key, NULL);
    int ok = digest && operation && EVP_PKEY_CTX_set1_id(operation, sm2_id, (int)(sizeof sm2_id - 1)) == 1;
    if (ok) EVP_MD_CTX_set_pkey_ctx(digest, operation);
    if (signed_out)
        ok = ok && EVP_DigestSignInit(digest, NULL, md_sm3, NULL, c->key) == 1 &&
             EVP_DigestSign(digest, signed_out, signed_length, message, length) == 1;
    else
        ok = ok && EVP_DigestVerifyInit(digest, NULL, md_sm3, NULL, c->key) == 1 &&
             EVP_DigestVerify(digest, signature, signature_length, message, length) == 1;
    EVP_MD_CTX_free(digest);
    EVP_PKEY_CTX_free(operation);
    return ok;
}

int co_sign(struct co_signature_context *c, const uint8_t *message, size_t length, uint8_t *out, size_t *out_length) {
    uint8_t hash[32];
    if (c->algorithm == CO_P256)
        return co_digest(CO_SHA256, -1, message, length, NULL, 0, hash) &&
               EVP_PKEY_sign(c->operation, out, out_length, hash, sizeof hash) == 1;
    return sm2(c, message, length, out, out_length, NULL, 0);
}

int co_verify(struct co_signature_context *c, const uint8_t *message, size_t length, const uint8_t *signature,
              size_t signature_length) {
    uint8_t hash[32];
    int ok;
    if (c->algorithm == CO_P256)
        ok = co_digest(CO_SHA256, -1, message, length, NULL, 0, hash) &&
             EVP_PKEY_verify(c->operation, signature, signature_length, hash, sizeof hash) == 1;
    else
        ok = sm2(c, message, length, NULL, NULL, signature, signature_length);
    if (!ok) ERR_clear_error();
    return ok;
}

// ---- certificates: reading ----

X509 *co_x509_parse(const uint8_t *der, size_t length) {
    const unsigned char *p = der;
    if (length > LONG_MAX) return NULL;
    X509 *x = d2i_X509(NULL, &p, (long)length);
    if (x && p == der + length) return x;
    X509_free(x);
    return NULL;
}

void co_x509_free(X509 *certificate) { X509_free(certificate); }

static int serial_bytes(const ASN1_INTEGER *serial, uint8_t *out, size_t capacity, size_t *length) {
    if (!serial || ASN1_STRING_type(serial) != V_ASN1_INTEGER) return 0;
    const unsigned char *data = ASN1_STRING_get0_data(serial);
    size_t n = (size_t)ASN1_STRING_length(serial);
    while (n > 0 && *data == 0) data++, n--;
    if (n > capacity) return 0;
    if (n) memcpy(out, data, n);
    *length = n;
    return 1;
}

int co_x509_serial(X509 *certificate, uint8_t *out, size_t capacity, size_t *length) {
    return serial_bytes(X509_get0_serialNumber(certificate), out, capacity, length);
}

static int seconds(const ASN1_TIME *time, int64_t *out) {
    struct tm tm;
    if (!time || !ASN1_TIME_to_tm(time, &tm)) return 0;
    *out = timegm(&tm);
    return 1;
}

int co_x509_times(X509 *certificate, int64_t *not_before, int64_t *not_after) {
    return seconds(X509_get0_notBefore(certificate), not_before) && seconds(X509_get0_notAfter(certificate), not_after);
}

struct co_bytes co_x509_name(X509 *certificate, int issuer) {
    X509_NAME *name = issuer ? X509_get_issuer_name(certificate) : X509_get_subject_name(certificate);
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio) X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    return from_bio(bio);
}

static struct co_bytes name_der(const X509_NAME *name) {
    unsigned char *der = NULL;
    int length = name ? i2d_X509_NAME(name, &der) : 0;
    return encoded(der, length);
}

struct co_bytes co_x509_name_der(X509 *certificate, int issuer) {
    return name_der(issuer ? X509_get_issuer_name(certificate) : X509_get_subject_name(certificate));
}

static const ASN1_IA5STRING *nth_uri(const GENERAL_NAMES *names, int n) {
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_URI && n-- == 0) return name->d.uniformResourceIdentifier;
    }
    return NULL;
}

int co_x509_uri(X509 *certificate, int n, struct co_bytes *uri) {
    int critical = 0;
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, NULL);
    ERR_clear_error();
    if (!names) return critical == -1 ? 0 : -1; // -1: not there; -2: there twice; 0, 1: cannot be decoded
    const ASN1_IA5STRING *found = nth_uri(names, n);
    if (found) *uri = copied(ASN1_STRING_get0_data(found), (size_t)ASN1_STRING_length(found));
    GENERAL_NAMES_free(names);
    return found ? (uri->data ? 1 : -1) : 0;
}

int co_x509_extended_key_usage(X509 *certificate) {
    if (!(X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE)) return -1;
    uint32_t has = X509_get_extended_key_usage(certificate);
    int known = (has & XKU_SSL_SERVER ? CO_EKU_SERVER : 0) | (has & XKU_SSL_CLIENT ? CO_EKU_CLIENT : 0) |
                (has & XKU_CODE_SIGN ? CO_EKU_CODE_SIGNING : 0);
    return known | (has & ~(uint32_t)(XKU_SSL_SERVER | XKU_SSL_CLIENT | XKU_CODE_SIGN) ? CO_EKU_OTHER : 0);
}

int co_x509_is_ca(X509 *certificate) { return X509_check_ca(certificate) == 1; }

struct co_bytes co_x509_public_key(X509 *certificate) {
    unsigned char *der = NULL;
    int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    return encoded(der, length);
}

int co_x509_matches_key(X509 *certificate, EVP_PKEY *key) {
    int same = X509_check_private_key(certificate, key) == 1;
    ERR_clear_error();
    return same;
}

// ---- certificates: verifying ----

const int co_v_err_not_yet_valid = X509_V_ERR_CERT_NOT_YET_VALID, co_v_err_expired = X509_V_ERR_CERT_HAS_EXPIRED,
          co_v_err_revoked = X509_V_ERR_CERT_REVOKED,
          co_v_err_no_issuer = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
          co_v_err_self_signed = X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
          co_v_err_self_signed_chain = X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
          co_v_err_crl_missing = X509_V_ERR_UNABLE_TO_GET_CRL, co_v_err_crl_expired = X509_V_ERR_CRL_HAS_EXPIRED,
          co_v_err_crl_not_yet_valid = X509_V_ERR_CRL_NOT_YET_VALID;

X509_STORE *co_store_new(void) { return X509_STORE_new(); }

int co_store_add_authority(X509_STORE *store, const uint8_t *der, size_t length) {
    X509 *x = co_x509_parse(der, length);
    int ok = x && X509_STORE_add_cert(store, x);
    X509_free(x);
    return ok;
}

int co_store_add_crl(X509_STORE *store, const uint8_t *der, size_t length) {
    X509_CRL *crl = co_crl_parse(der, length);
    int ok = crl && X509_STORE_add_crl(store, crl);
    X509_CRL_free(crl);
    return ok;
}

void co_store_free(X509_STORE *store) { X509_STORE_free(store); }

int co_store_verify(X509_STORE *store, X509 *certificate, int64_t time, int check_crl) {
    X509_STORE_CTX *c = X509_STORE_CTX_new();
    int error = -1;
    if (c && X509_STORE_CTX_init(c, store, certificate, NULL)) {
        X509_VERIFY_PARAM *p = X509_STORE_CTX_get0_param(c);
        X509_VERIFY_PARAM_set_time(p, (time_t)time);
        X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_X509_STRICT);
        if (check_crl) X509_VERIFY_PARAM_set_flags(p, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
        int good = X509_verify_cert(c) == 1;
        error = X509_STORE_CTX_get_error(c);
        if (!good && error == X509_V_OK) error = -1;
    }
    X509_STORE_CTX_free(c);
    ERR_clear_error();
    return error;
}

const char *co_verify_text(int error) { return X509_verify_cert_error_string(error); }

// ---- certificates: making ----

struct co_certificate_builder {
    X509 *certificate;
    GENERAL_NAMES *names;
};

struct co_certificate_builder *co_certificate_new(void) {
    struct co_certificate_builder *b = OPENSSL_zalloc(sizeof *b);
    if (!b) return NULL;
    b->certificate = X509_new();
    b->names = GENERAL_NAMES_new();
    if (b->certificate && b->names && X509_set_version(b->certificate, X509_VERSION_3)) return b;
    co_certificate_free(b);
    return NULL;
}

void co_certificate_free(struct co_certificate_builder *b) {
    if (!b) return;
    X509_free(b->certificate);
    GENERAL_NAMES_free(b->names);
    OPENSSL_free(b);
}

static int fill_name(X509_NAME *name, const char *organization, const char *common_name) {
    return X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)organization, -1, -1, 0) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0);
}

int co_certificate_subject(struct co_certificate_builder *b, const char *organization, const char *common_name) {
    return fill_name(X509_get_subject_name(b->certificate), organization, common_name);
}

static int set_serial(ASN1_INTEGER *out, const uint8_t *bytes, size_t length) {
    BIGNUM *n = length <= INT_MAX ? BN_bin2bn(bytes, (int)length, NULL) : NULL;
    int ok = n && BN_to_ASN1_INTEGER(n, out);
    BN_free(n);
    return ok;
}

int co_certificate_serial(struct co_certificate_builder *b, const uint8_t *bytes, size_t length) {
    return set_serial(X509_get_serialNumber(b->certificate), bytes, length);
}

int co_certificate_times(struct co_certificate_builder *b, int64_t not_before, int64_t not_after) {
    return ASN1_TIME_set(X509_getm_notBefore(b->certificate), (time_t)not_before) &&
           ASN1_TIME_set(X509_getm_notAfter(b->certificate), (time_t)not_after);
}

static int add_name(GENERAL_NAMES *names, int type, const void *bytes, size_t length) {
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_STRING *text = type == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    if (!name || !text || length > INT_MAX || !ASN1_STRING_set(text, bytes, (int)length)) {
        ASN1_STRING_free(text);
        GENERAL_NAME_free(name);
        return 0;
    }
    GENERAL_NAME_set0_value(name, type, text);
    if (sk_GENERAL_NAME_push(names, name) > 0) return 1;
    GENERAL_NAME_free(name);
    return 0;
}

int co_certificate_add_uri(struct co_certificate_builder *b, const uint8_t *bytes, size_t length) {
    return add_name(b->names, GEN_URI, bytes, length);
}

int co_certificate_add_host(struct co_certificate_builder *b, const char *name, const uint8_t *address,
                            size_t address_length) {
    return address ? add_name(b->names, GEN_IPADD, address, address_length)
                   : add_name(b->names, GEN_DNS, name, strlen(name));
}

int co_parse_address(const char *text, uint8_t *address) {
    return inet_pton(AF_INET, text, address) == 1 ? 4 : inet_pton(AF_INET6, text, address) == 1 ? 16 : 0;
}

static int add_extension(X509V3_CTX *context, X509 *x, int nid, const char *value) {
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, context, nid, value);
    int ok = e && X509_add_ext(x, e, -1);
    X509_EXTENSION_free(e);
    return ok;
}

static int add_usages(X509 *x, int usages) {
    static const int nids[] = {NID_server_auth, NID_client_auth, NID_code_sign};
    EXTENDED_KEY_USAGE *list = EXTENDED_KEY_USAGE_new();
    int ok = list != NULL;
    for (int i = 0; ok && i < 3; i++) {
        if (usages & (1 << i)) ok = sk_ASN1_OBJECT_push(list, OBJ_nid2obj(nids[i])) > 0;
    }
    ok = ok && (usages == 0 || X509_add1_ext_i2d(x, NID_ext_key_usage, list, 0, 0));
    EXTENDED_KEY_USAGE_free(list);
    return ok;
}

struct co_bytes co_certificate_sign(struct co_certificate_builder *b, EVP_PKEY *public_key, X509 *authority,
                                    EVP_PKEY *authority_key, int is_ca, int usages) {
    X509 *x = b->certificate;
    X509V3_CTX v3;
    // Packages are sealed to officers' keys by key agreement.
    const char *key_usage = is_ca                      ? "critical,keyCertSign,cRLSign"
                            : usages & CO_EKU_CLIENT ? "critical,digitalSignature,keyAgreement"
                                                     : "critical,digitalSignature";
    X509V3_set_ctx(&v3, authority ? authority : x, x, NULL, NULL, 0);
    unsigned char *der = NULL;
    int length = 0;
    int ok = X509_set_issuer_name(x, X509_get_subject_name(authority ? authority : x)) &&
             X509_set_pubkey(x, public_key) &&
             add_extension(&v3, x, NID_basic_constraints, is_ca ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE") &&
             add_extension(&v3, x, NID_key_usage, key_usage) &&
             add_extension(&v3, x, NID_subject_key_identifier, "hash") &&
             add_extension(&v3, x, NID_authority_key_identifier, "keyid:always") && (is_ca || add_usages(x, usages)) &&
             (sk_GENERAL_NAME_num(b->names) == 0 || X509_add1_ext_i2d(x, NID_subject_alt_name, b->names, 0, 0)) &&
             X509_sign(x, authority_key, digest_of(CO_SHA256)) > 0;
    if (ok) length = i2d_X509(x, &der);
    return encoded(der, length);
}

// ---- requests ----

// With the distinguishing id of GB/T 35276 where the key is SM2's.
static int sign_request(X509_REQ *r, EVP_PKEY *key) {
    if (!EVP_PKEY_is_a(key, "SM2")) return X509_REQ_sign(r, key, digest_of(CO_SHA256)) > 0;
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    EVP_PKEY_CTX *operation = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    int ok = digest && operation && EVP_PKEY_CTX_set1_id(operation, sm2_id, (int)(sizeof sm2_id - 1)) == 1;
    if (ok) EVP_MD_CTX_set_pkey_ctx(digest, operation);
    ok = ok && EVP_DigestSignInit(digest, NULL, digest_of(CO_SM3), NULL, key) == 1 && X509_REQ_sign_ctx(r, digest) > 0;
    EVP_MD_CTX_free(digest);
    EVP_PKEY_CTX_free(operation);
    return ok;
}

struct co_bytes co_request_create(EVP_PKEY *key, const char *organization, const char *common_name, const uint8_t *uri,
                                  size_t uri_length) {
    X509_REQ *r = X509_REQ_new();
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    STACK_OF(X509_EXTENSION) *extensions = NULL;
    unsigned char *der = NULL;
    int length = 0;
    int ok = r && names && X509_REQ_set_version(r, X509_REQ_VERSION_1) &&
             fill_name(X509_REQ_get_subject_name(r), organization, common_name) && X509_REQ_set_pubkey(r, key) &&
             add_name(names, GEN_URI, uri, uri_length) &&
             X509V3_add1_i2d(&extensions, NID_subject_alt_name, names, 0, 0) == 1 &&
             X509_REQ_add_extensions(r, extensions) && sign_request(r, key);
    if (ok) length = i2d_X509_REQ(r, &der);
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    GENERAL_NAMES_free(names);
    X509_REQ_free(r);
    return encoded(der, length);
}

X509_REQ *co_request_parse(const uint8_t *der, size_t length) {
    const unsigned char *p = der;
    if (length > LONG_MAX) return NULL;
    X509_REQ *r = d2i_X509_REQ(NULL, &p, (long)length);
    if (r && p == der + length) return r;
    X509_REQ_free(r);
    return NULL;
}

void co_request_free(X509_REQ *request) { X509_REQ_free(request); }

int co_request_verify(X509_REQ *request) {
    EVP_PKEY *key = X509_REQ_get0_pubkey(request);
    if (key && EVP_PKEY_is_a(key, "SM2")) {
        ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
        if (!id || !ASN1_OCTET_STRING_set(id, (const unsigned char *)sm2_id, (int)(sizeof sm2_id - 1))) {
            ASN1_OCTET_STRING_free(id);
            return 0;
        }
        X509_REQ_set0_distinguishing_id(request, id);  // the request owns it
    }
    int ok = key && X509_REQ_verify(request, key) == 1;
    ERR_clear_error();
    return ok;
}

struct co_bytes co_request_public_key(X509_REQ *request) {
    unsigned char *der = NULL;
    int length = i2d_X509_PUBKEY(X509_REQ_get_X509_PUBKEY(request), &der);
    return encoded(der, length);
}

int co_request_uri(X509_REQ *request, int n, struct co_bytes *uri) {
    STACK_OF(X509_EXTENSION) *extensions = X509_REQ_get_extensions(request);
    int critical = 0;
    GENERAL_NAMES *names = X509V3_get_d2i(extensions, NID_subject_alt_name, &critical, NULL);
    sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    ERR_clear_error();
    if (!names) return critical == -1 ? 0 : -1;
    const ASN1_IA5STRING *found = nth_uri(names, n);
    if (found) *uri = copied(ASN1_STRING_get0_data(found), (size_t)ASN1_STRING_length(found));
    GENERAL_NAMES_free(names);
    return found ? (uri->data ? 1 : -1) : 0;
}

// ---- revocation lists ----

X509_CRL *co_crl_new(void) {
    X509_CRL *crl = X509_CRL_new();
    if (crl && X509_CRL_set_version(crl, X509_CRL_VERSION_2)) return crl;
    X509_CRL_free(crl);
    return NULL;
}

int co_crl_add(X509_CRL *crl, const uint8_t *serial, size_t length, int64_t time, int reason) {
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_TIME *when = ASN1_TIME_set(NULL, (time_t)time);
    ASN1_ENUMERATED *why = ASN1_ENUMERATED_new();
    int ok = entry && number && when && why && set_serial(number, serial, length) &&
             X509_REVOKED_set_serialNumber(entry, number) && X509_REVOKED_set_revocationDate(entry, when) &&
             (reason == 0 || (ASN1_ENUMERATED_set(why, reason) &&
                              X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, why, 0, 0) == 1)) &&
             X509_CRL_add0_revoked(crl, entry);
    if (!ok) X509_REVOKED_free(entry);
    ASN1_INTEGER_free(number);
    ASN1_TIME_free(when);
    ASN1_ENUMERATED_free(why);
    return ok;
}

struct co_bytes co_crl_sign(X509_CRL *crl, X509 *authority, EVP_PKEY *authority_key, int64_t number, int64_t this_update,
                            int64_t next_update) {
    ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)this_update), *to = ASN1_TIME_set(NULL, (time_t)next_update);
    ASN1_INTEGER *n = ASN1_INTEGER_new();
    X509V3_CTX v3;
    X509V3_set_ctx(&v3, authority, NULL, NULL, crl, 0);
    X509_EXTENSION *key_id = X509V3_EXT_conf_nid(NULL, &v3, NID_authority_key_identifier, "keyid:always");
    unsigned char *der = NULL;
    int length = 0;
    int ok = from && to && n && key_id && ASN1_INTEGER_set_int64(n, number) &&
             X509_CRL_set_issuer_name(crl, X509_get_subject_name(authority)) && X509_CRL_set1_lastUpdate(crl, from) &&
             X509_CRL_set1_nextUpdate(crl, to) && X509_CRL_add_ext(crl, key_id, -1) &&
             X509_CRL_add1_ext_i2d(crl, NID_crl_number, n, 0, 0) == 1 && X509_CRL_sort(crl) &&
             X509_CRL_sign(crl, authority_key, digest_of(CO_SHA256)) > 0;
    if (ok) length = i2d_X509_CRL(crl, &der);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    ASN1_INTEGER_free(n);
    X509_EXTENSION_free(key_id);
    return encoded(der, length);
}

X509_CRL *co_crl_parse(const uint8_t *der, size_t length) {
    const unsigned char *p = der;
    if (length > LONG_MAX) return NULL;
    X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)length);
    if (crl && p == der + length) return crl;
    X509_CRL_free(crl);
    return NULL;
}

void co_crl_free(X509_CRL *crl) { X509_CRL_free(crl); }

int co_crl_facts(X509_CRL *crl, int64_t *this_update, int64_t *next_update, int64_t *number, size_t *entries) {
    const ASN1_TIME *next = X509_CRL_get0_nextUpdate(crl);
    ASN1_INTEGER *n = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
    STACK_OF(X509_REVOKED) *revoked = X509_CRL_get_REVOKED(crl);
    *next_update = INT64_MAX;
    if (!n || !ASN1_INTEGER_get_int64(number, n)) *number = -1;
    ASN1_INTEGER_free(n);
    ERR_clear_error();
    *entries = revoked ? (size_t)sk_X509_REVOKED_num(revoked) : 0;
    return seconds(X509_CRL_get0_lastUpdate(crl), this_update) && (!next || seconds(next, next_update));
}

struct co_bytes co_crl_issuer_der(X509_CRL *crl) { return name_der(X509_CRL_get_issuer(crl)); }

int co_crl_signed_by(X509_CRL *crl, X509 *authority) {
    EVP_PKEY *key = X509_get0_pubkey(authority);
    int ok = key && (X509_get_key_usage(authority) & KU_CRL_SIGN) &&
             X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(authority)) == 0 &&
             X509_CRL_verify(crl, key) == 1;
    ERR_clear_error();
    return ok;
}

int co_crl_entry(X509_CRL *crl, size_t n, uint8_t *serial, size_t capacity, size_t *length, int64_t *time, int *reason) {
    STACK_OF(X509_REVOKED) *revoked = X509_CRL_get_REVOKED(crl);
    X509_REVOKED *entry = revoked && n <= INT_MAX ? sk_X509_REVOKED_value(revoked, (int)n) : NULL;
    if (!entry) return 0;
    ASN1_ENUMERATED *why = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);
    *reason = why ? (int)ASN1_ENUMERATED_get(why) : 0;
    ASN1_ENUMERATED_free(why);
    ERR_clear_error();
    return serial_bytes(X509_REVOKED_get0_serialNumber(entry), serial, capacity, length) &&
           seconds(X509_REVOKED_get0_revocationDate(entry), time);
}
