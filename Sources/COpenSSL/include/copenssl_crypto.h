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
// Several seals under one key, on one thread: begin (NULL: failed, or another is under way on this thread), next as often as
// needed, end. The thread keeps the last key's schedule until the next begin or until it is told to forget.
struct evp_cipher_ctx_st *co_seal_begin(const uint8_t *key);
int co_seal_next(struct evp_cipher_ctx_st *sealing, const uint8_t *nonce, const void *aad, size_t aad_length,
                 const void *plain, size_t length, uint8_t *cipher, uint8_t *tag);
void co_seal_end(struct evp_cipher_ctx_st *sealing);
void co_seal_forget(void);
// 0: the tag does not match (out is then wiped); -1: libcrypto failed.
int co_aes256gcm_open(const uint8_t *key, const uint8_t *nonce, const void *aad, size_t aad_length, const void *cipher,
                      size_t length, const uint8_t *tag, uint8_t *out);

// ---- bytes that libcrypto made; data NULL: failure ----
struct co_bytes {
    uint8_t *data;
    size_t length;
};
// Wipes and frees.
void co_bytes_free(struct co_bytes bytes);

// The text of this thread's newest libcrypto error, never empty; the queue is cleared.
void co_error_text(char *out, size_t capacity);

// ---- PEM ----
// The index-th block, its name ("CERTIFICATE", "PRIVATE KEY", ...) written to `name`. Encrypted blocks come as they are.
struct co_bytes co_pem_block(const uint8_t *text, size_t length, size_t index, char *name, size_t name_capacity);
struct co_bytes co_pem_write(const char *name, const uint8_t *der, size_t length);

// ---- keys and signatures ----
#define CO_P256 1
#define CO_SM2 2
struct evp_pkey_st *co_key_generate(int algorithm);
// DER: PKCS#8 or SEC 1. Trailing bytes are refused.
struct evp_pkey_st *co_key_private(const uint8_t *der, size_t length);
// DER: SubjectPublicKeyInfo. Trailing bytes are refused.
struct evp_pkey_st *co_key_public(const uint8_t *der, size_t length);
// CO_P256, CO_SM2, or 0 for every other kind. `name` gets libcrypto's name of the kind.
int co_key_algorithm(struct evp_pkey_st *key, char *name, size_t capacity);
struct co_bytes co_key_private_der(struct evp_pkey_st *key);
struct co_bytes co_key_public_der(struct evp_pkey_st *key);
void co_key_free(struct evp_pkey_st *key);

// A reusable signing or verifying context; one thread at a time.
struct co_signature_context;
struct co_signature_context *co_signature_new(struct evp_pkey_st *key, int algorithm, int sign);
void co_signature_free(struct co_signature_context *context);
#define CO_SIGNATURE_MAX 80
// DER of (r, s). `length` in: capacity of out, at least CO_SIGNATURE_MAX.
int co_sign(struct co_signature_context *context, const uint8_t *message, size_t length, uint8_t *out, size_t *out_length);
// 1: holds. 0: does not.
int co_verify(struct co_signature_context *context, const uint8_t *message, size_t length, const uint8_t *signature,
              size_t signature_length);

// ---- certificates ----
// Trailing bytes are refused.
struct x509_st *co_x509_parse(const uint8_t *der, size_t length);
void co_x509_free(struct x509_st *certificate);
// Big endian without leading zeros; at most `capacity` bytes; 0 on failure, negative serials included.
int co_x509_serial(struct x509_st *certificate, uint8_t *out, size_t capacity, size_t *length);
// Seconds since 1970.
int co_x509_times(struct x509_st *certificate, int64_t *not_before, int64_t *not_after);
// RFC 2253 text, UTF-8.
struct co_bytes co_x509_name(struct x509_st *certificate, int issuer);
struct co_bytes co_x509_name_der(struct x509_st *certificate, int issuer);
// The n-th URI among the subject alternative names. 1: there; 0: no more; -1: the extension is damaged or there twice.
int co_x509_uri(struct x509_st *certificate, int n, struct co_bytes *uri);
#define CO_EKU_SERVER 1
#define CO_EKU_CLIENT 2
#define CO_EKU_CODE_SIGNING 4
#define CO_EKU_OTHER 8
// -1: no extended key usage extension.
int co_x509_extended_key_usage(struct x509_st *certificate);
int co_x509_is_ca(struct x509_st *certificate);
struct co_bytes co_x509_public_key(struct x509_st *certificate);
int co_x509_matches_key(struct x509_st *certificate, struct evp_pkey_st *key);

// Chain verification: the certificates of the authorities, their CRLs, a time. Built for one question, then freed.
struct x509_store_st *co_store_new(void);
int co_store_add_authority(struct x509_store_st *store, const uint8_t *der, size_t length);
int co_store_add_crl(struct x509_store_st *store, const uint8_t *der, size_t length);
void co_store_free(struct x509_store_st *store);
// 0: good; else libcrypto's X509_V_ERR number (text by co_verify_text), -1 when it could not be judged.
int co_store_verify(struct x509_store_st *store, struct x509_st *certificate, int64_t time, int check_crl);
const char *co_verify_text(int error);
// Numbers Swift tells apart.
extern const int co_v_err_not_yet_valid, co_v_err_expired, co_v_err_revoked, co_v_err_no_issuer, co_v_err_self_signed,
    co_v_err_self_signed_chain, co_v_err_crl_missing, co_v_err_crl_expired, co_v_err_crl_not_yet_valid;

// ---- making certificates ----
struct co_certificate_builder;
struct co_certificate_builder *co_certificate_new(void);
void co_certificate_free(struct co_certificate_builder *builder);
// Subject: O and CN.
int co_certificate_subject(struct co_certificate_builder *builder, const char *organization, const char *common_name);
int co_certificate_serial(struct co_certificate_builder *builder, const uint8_t *bytes, size_t length);
int co_certificate_times(struct co_certificate_builder *builder, int64_t not_before, int64_t not_after);
int co_certificate_add_uri(struct co_certificate_builder *builder, const uint8_t *bytes, size_t length);
// A host name, or an address of 4 or 16 bytes in `address` (then `name` is ignored).
int co_certificate_add_host(struct co_certificate_builder *builder, const char *name, const uint8_t *address,
                            size_t address_length);
// 4 or 16: `text` is an IPv4 or IPv6 address, now in `address` (16 bytes of room); 0: it is none.
int co_parse_address(const char *text, uint8_t *address);
// Public key, key identifiers, usages; then the signature with the authority's key. authority NULL: self-signed.
// is_ca: keyCertSign and cRLSign, path length 0; else digitalSignature, for CO_EKU_CLIENT also keyAgreement, and the CO_EKU_ bits of `usages`.
struct co_bytes co_certificate_sign(struct co_certificate_builder *builder, struct evp_pkey_st *public_key,
                                    struct x509_st *authority, struct evp_pkey_st *authority_key, int is_ca, int usages);

// A PKCS#10 request for one URI, signed by the key.
struct co_bytes co_request_create(struct evp_pkey_st *key, const char *organization, const char *common_name,
                                  const uint8_t *uri, size_t uri_length);
struct X509_req_st *co_request_parse(const uint8_t *der, size_t length);
void co_request_free(struct X509_req_st *request);
// 1: signed by the key in it.
int co_request_verify(struct X509_req_st *request);
struct co_bytes co_request_public_key(struct X509_req_st *request);
// As co_x509_uri.
int co_request_uri(struct X509_req_st *request, int n, struct co_bytes *uri);

// ---- revocation lists ----
struct X509_crl_st *co_crl_new(void);
// reason: the number of RFC 5280 5.3.1; 0 writes no reason.
int co_crl_add(struct X509_crl_st *crl, const uint8_t *serial, size_t length, int64_t time, int reason);
struct co_bytes co_crl_sign(struct X509_crl_st *crl, struct x509_st *authority, struct evp_pkey_st *authority_key,
                            int64_t number, int64_t this_update, int64_t next_update);
struct X509_crl_st *co_crl_parse(const uint8_t *der, size_t length);
void co_crl_free(struct X509_crl_st *crl);
// next_update is INT64_MAX when there is none; number -1 when there is none.
int co_crl_facts(struct X509_crl_st *crl, int64_t *this_update, int64_t *next_update, int64_t *number, size_t *entries);
struct co_bytes co_crl_issuer_der(struct X509_crl_st *crl);
int co_crl_signed_by(struct X509_crl_st *crl, struct x509_st *authority);
// The n-th entry.
int co_crl_entry(struct X509_crl_st *crl, size_t n, uint8_t *serial, size_t capacity, size_t *length, int64_t *time,
                 int *reason);

// ---- CMS EnvelopedData ----
// The secret for every certificate whose key is on P-256: ECDH with SHA-256, AES-256 key wrap, AES-256-CBC. DER. Begin, add, seal, free.
struct CMS_ContentInfo_st *co_enveloped_new(void);
int co_enveloped_add(struct CMS_ContentInfo_st *cms, struct x509_st *certificate);
struct co_bytes co_enveloped_seal(struct CMS_ContentInfo_st *cms, const uint8_t *secret, size_t length);
void co_enveloped_free(struct CMS_ContentInfo_st *cms);
// What it holds for this key; trailing bytes are refused.
struct co_bytes co_enveloped_open(const uint8_t *der, size_t length, struct x509_st *certificate, struct evp_pkey_st *key);
#endif
