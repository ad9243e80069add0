// SSL_CTX and SSL: what Sources/RPC uses. OpenSSL's functions are seen as they are; here stand only its macros and
// what C says more easily than Swift. No policy.
#ifndef COPENSSL_TLS_H
#define COPENSSL_TLS_H
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stddef.h>
#include <stdint.h>

// Macros of ssl.h. Those that can fail answer 1 for success, as OpenSSL does.
int copenssl_only_tls13(SSL_CTX *ctx);
int copenssl_set_groups(SSL_CTX *ctx, const char *groups);
int copenssl_set_signature_algorithms(SSL_CTX *ctx, const char *list);
void copenssl_no_sessions(SSL_CTX *ctx);  // no cache, no tickets, no 0-RTT
// Small buffers while idle, partial writes, moving buffers; one record a read call at most is processed beyond the buffer.
void copenssl_event_loop_modes(SSL_CTX *ctx);
void copenssl_limit_chain(SSL_CTX *ctx, long bytes);
// Bytes of ciphertext that the connection has read and written.
uint64_t copenssl_bytes_read(SSL *ssl);
uint64_t copenssl_bytes_written(SSL *ssl);

// What the callbacks of a context tell the Swift side: `owner` is what copenssl_set_owner attached to the SSL.
typedef int (*copenssl_verify)(void *owner, int ok, X509_STORE_CTX *store);
typedef void (*copenssl_alert)(void *owner, int sent, int level, int description);
void copenssl_set_callbacks(SSL_CTX *ctx, int server, copenssl_verify verify, copenssl_alert alert);
void copenssl_set_owner(SSL *ssl, void *owner);

// The server's protocols in order of preference, as in the ALPN extension. A client of TLS 1.3 that offers none of them,
// or none at all, gets the alert no_application_protocol. The bytes are copied.
void copenssl_set_server_protocols(SSL_CTX *ctx, const unsigned char *wire, unsigned int size);

// The number of the subjectAltName's URIs; the first is given. Owned by *names, to be freed by copenssl_free_names.
int copenssl_uri_names(X509 *certificate, GENERAL_NAMES **names, const unsigned char **uri, size_t *size);
void copenssl_free_names(GENERAL_NAMES *names);
// Seconds since 1970 of a certificate time; INT64_MIN when it cannot be read.
int64_t copenssl_time(const ASN1_TIME *time);
// Makes the encoding; answers its size or below zero. Free it with copenssl_free.
int copenssl_certificate_der(X509 *certificate, unsigned char **der);
void copenssl_free(void *memory);
// Credentials from PEM text. Each answers how many items were taken, 0: none of the kind in the text, below zero: refused.
int copenssl_use_chain(SSL_CTX *ctx, const void *pem, size_t size);
int copenssl_use_key(SSL_CTX *ctx, const void *pem, size_t size);  // -2: it is encrypted
int copenssl_trust(SSL_CTX *ctx, const void *pem, size_t size);
int copenssl_use_revocation_lists(SSL_CTX *ctx, const void *pem, size_t size);
void copenssl_check_revocation(SSL_CTX *ctx);
// Whether the times of certificates and lists are looked at; they are, unless told otherwise.
void copenssl_check_times(X509_VERIFY_PARAM *parameters, int check);
#endif
