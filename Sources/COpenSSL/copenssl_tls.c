#include "copenssl_tls.h"

#include <openssl/pem.h>
#include <stdint.h>
#include <time.h>

int copenssl_only_tls13(SSL_CTX *ctx) {
  return SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) && SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION);
}
int copenssl_set_groups(SSL_CTX *ctx, const char *groups) { return (int)SSL_CTX_set1_groups_list(ctx, groups); }
int copenssl_set_signature_algorithms(SSL_CTX *ctx, const char *list) { return (int)SSL_CTX_set1_sigalgs_list(ctx, list); }
void copenssl_no_sessions(SSL_CTX *ctx) {
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_num_tickets(ctx, 0);
  SSL_CTX_set_max_early_data(ctx, 0);
}
void copenssl_event_loop_modes(SSL_CTX *ctx) {
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Without AUTO_RETRY a read comes back after a handshake record, so that a flood of KeyUpdates cannot hold a loop.
  SSL_CTX_clear_mode(ctx, SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_read_ahead(ctx, 1);  // one read(2) a burst, not two a record
}
void copenssl_limit_chain(SSL_CTX *ctx, long bytes) { SSL_CTX_set_max_cert_list(ctx, bytes); }
uint64_t copenssl_bytes_read(SSL *ssl) { return BIO_number_read(SSL_get_rbio(ssl)); }
uint64_t copenssl_bytes_written(SSL *ssl) { return BIO_number_written(SSL_get_wbio(ssl)); }

static void free_protocols(void *parent, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp) {
  (void)parent, (void)ad, (void)idx, (void)argl, (void)argp;
  OPENSSL_free(ptr);
}
// One slot of an SSL for its owner, one of a context for the callbacks.
static int owner_slot = -1, verify_slot = -1, alert_slot = -1, protocols_slot = -1;
__attribute__((constructor)) static void make_slots(void) {
  owner_slot = SSL_get_ex_new_index(0, 0, 0, 0, 0);
  verify_slot = SSL_CTX_get_ex_new_index(0, 0, 0, 0, 0);
  alert_slot = SSL_CTX_get_ex_new_index(0, 0, 0, 0, 0);
  protocols_slot = SSL_CTX_get_ex_new_index(0, 0, 0, 0, free_protocols);
}

static int on_verify(int ok, X509_STORE_CTX *store) {
  SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
  void *owner = ssl ? SSL_get_ex_data(ssl, owner_slot) : 0;
  copenssl_verify verify = ssl ? (copenssl_verify)(uintptr_t)SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), verify_slot) : 0;
  return owner && verify ? verify(owner, ok, store) : 0;
}
static void on_info(const SSL *ssl, int where, int value) {
  if (!(where & SSL_CB_ALERT)) return;
  void *owner = SSL_get_ex_data(ssl, owner_slot);
  copenssl_alert alert = (copenssl_alert)(uintptr_t)SSL_CTX_get_ex_data(SSL_get_SSL_CTX((SSL *)ssl), alert_slot);
  if (owner && alert) alert(owner, (where & SSL_CB_WRITE) != 0, value >> 8, value & 0xff);
}
static int on_client_hello(SSL *ssl, int *alert, void *unused) {
  (void)unused;
  const unsigned char *data;
  size_t size;
  // A hello of an older version goes on: it fails by its version, which says more.
  if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &data, &size)) return SSL_CLIENT_HELLO_SUCCESS;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &data, &size))
    return SSL_CLIENT_HELLO_SUCCESS;
  *alert = SSL_AD_NO_APPLICATION_PROTOCOL;
  return SSL_CLIENT_HELLO_ERROR;
}
void copenssl_set_callbacks(SSL_CTX *ctx, int server, copenssl_verify verify, copenssl_alert alert) {
  SSL_CTX_set_ex_data(ctx, verify_slot, (void *)(uintptr_t)verify);
  SSL_CTX_set_ex_data(ctx, alert_slot, (void *)(uintptr_t)alert);
  SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | (server ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), on_verify);
  SSL_CTX_set_info_callback(ctx, on_info);
  if (server) SSL_CTX_set_client_hello_cb(ctx, on_client_hello, 0);
}
void copenssl_set_owner(SSL *ssl, void *owner) { SSL_set_ex_data(ssl, owner_slot, owner); }

// A copy that lives and dies with its context.
typedef struct {
  const unsigned char *wire;
  unsigned int size;
} protocols;
static int on_select(SSL *ssl, const unsigned char **out, unsigned char *size, const unsigned char *in, unsigned int in_size, void *arg) {
  (void)ssl;
  const protocols *mine = arg;
  unsigned char *chosen = 0;
  if (SSL_select_next_proto(&chosen, size, mine->wire, mine->size, in, in_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}
void copenssl_set_server_protocols(SSL_CTX *ctx, const unsigned char *wire, unsigned int size) {
  protocols *p = OPENSSL_malloc(sizeof *p + size);
  if (!p) return;
  memcpy(p + 1, wire, size);
  p->wire = (const unsigned char *)(p + 1);
  p->size = size;
  SSL_CTX_set_ex_data(ctx, protocols_slot, p);
  SSL_CTX_set_alpn_select_cb(ctx, on_select, p);
}

int copenssl_uri_names(X509 *certificate, GENERAL_NAMES **names, const unsigned char **uri, size_t *size) {
  int critical = 0, count = 0;
  *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, 0);
  *uri = 0;
  *size = 0;
  if (!*names) return critical == -1 ? 0 : -1;  // -1: absent; otherwise doubled or unreadable
  for (int i = 0; i < sk_GENERAL_NAME_num(*names); i++) {
    const GENERAL_NAME *name = sk_GENERAL_NAME_value(*names, i);
    if (name->type != GEN_URI) continue;
    if (count++ == 0) {
      *uri = ASN1_STRING_get0_data(name->d.uniformResourceIdentifier);
      *size = (size_t)ASN1_STRING_length(name->d.uniformResourceIdentifier);
    }
  }
  return count;
}
void copenssl_free_names(GENERAL_NAMES *names) { GENERAL_NAMES_free(names); }
int64_t copenssl_time(const ASN1_TIME *time) {
  struct tm t;
  if (!time || !ASN1_TIME_to_tm(time, &t)) return INT64_MIN;
  return (int64_t)timegm(&t);
}
int copenssl_certificate_der(X509 *certificate, unsigned char **der) {
  *der = 0;
  return i2d_X509(certificate, der);
}
void copenssl_free(void *memory) { OPENSSL_free(memory); }

// No terminal is ever asked for a password.
static int no_password(char *buffer, int size, int writing, void *asked) {
  (void)buffer, (void)size, (void)writing;
  *(int *)asked = 1;
  return -1;
}
int copenssl_use_chain(SSL_CTX *ctx, const void *pem, size_t size) {
  BIO *in = BIO_new_mem_buf(pem, (int)size);
  int count = 0, ok = 1, asked = 0;
  X509 *certificate;
  while (in && ok && (certificate = PEM_read_bio_X509(in, 0, no_password, &asked))) {
    if (count++ == 0) {
      ok = SSL_CTX_use_certificate(ctx, certificate);
      X509_free(certificate);
    } else if (!(ok = (int)SSL_CTX_add0_chain_cert(ctx, certificate))) {
      X509_free(certificate);
    }
  }
  BIO_free(in);
  return ok ? count : -1;
}
int copenssl_use_key(SSL_CTX *ctx, const void *pem, size_t size) {
  BIO *in = BIO_new_mem_buf(pem, (int)size);
  int asked = 0;
  EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, 0, no_password, &asked) : 0;
  BIO_free(in);
  if (!key) return asked ? -2 : 0;
  int ok = SSL_CTX_use_PrivateKey(ctx, key);
  EVP_PKEY_free(key);
  return ok ? 1 : -1;
}
static int load_store(SSL_CTX *ctx, const void *pem, size_t size, int lists) {
  BIO *in = BIO_new_mem_buf(pem, (int)size);
  STACK_OF(X509_INFO) *items = in ? PEM_X509_INFO_read_bio(in, 0, 0, 0) : 0;
  BIO_free(in);
  if (!items) return -1;
  X509_STORE *store = SSL_CTX_get_cert_store(ctx);
  int count = 0, ok = 1;
  for (int i = 0; i < sk_X509_INFO_num(items) && ok; i++) {
    X509_INFO *item = sk_X509_INFO_value(items, i);
    if (lists && item->crl) ok = X509_STORE_add_crl(store, item->crl), count++;
    if (!lists && item->x509) ok = X509_STORE_add_cert(store, item->x509), count++;
  }
  sk_X509_INFO_pop_free(items, X509_INFO_free);
  return ok ? count : -1;
}
int copenssl_trust(SSL_CTX *ctx, const void *pem, size_t size) { return load_store(ctx, pem, size, 0); }
int copenssl_use_revocation_lists(SSL_CTX *ctx, const void *pem, size_t size) { return load_store(ctx, pem, size, 1); }
void copenssl_check_times(X509_VERIFY_PARAM *parameters, int check) {
  if (check) X509_VERIFY_PARAM_clear_flags(parameters, X509_V_FLAG_NO_CHECK_TIME);
  else X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_NO_CHECK_TIME);
}
void copenssl_check_revocation(SSL_CTX *ctx) {
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ctx), X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
}
