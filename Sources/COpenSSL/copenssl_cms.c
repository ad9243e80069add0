#include "copenssl_crypto.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/cms.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

static const struct co_bytes no_bytes = {NULL, 0};

CMS_ContentInfo *co_enveloped_new(void) {
    return CMS_encrypt(NULL, NULL, EVP_aes_256_cbc(), CMS_BINARY | CMS_PARTIAL);
}

void co_enveloped_free(CMS_ContentInfo *cms) { CMS_ContentInfo_free(cms); }

int co_enveloped_add(CMS_ContentInfo *cms, X509 *certificate) {
    CMS_RecipientInfo *one = CMS_add1_recipient_cert(cms, certificate, CMS_KEY_PARAM);
    EVP_PKEY_CTX *agreement = one ? CMS_RecipientInfo_get0_pkey_ctx(one) : NULL;
    // SHA-1 is what libcrypto takes unless it is told.
    return agreement && EVP_PKEY_CTX_set_ecdh_kdf_md(agreement, EVP_sha256()) == 1;
}

struct co_bytes co_enveloped_seal(CMS_ContentInfo *cms, const uint8_t *secret, size_t length) {
    BIO *data = length <= INT_MAX ? BIO_new_mem_buf(secret, (int)length) : NULL;
    unsigned char *der = NULL;
    int size = data && CMS_final(cms, data, NULL, CMS_BINARY) == 1 ? i2d_CMS_ContentInfo(cms, &der) : 0;
    BIO_free(data);
    struct co_bytes sealed = {der, (size_t)size};
    return size > 0 && der ? sealed : no_bytes;
}

struct co_bytes co_enveloped_open(const uint8_t *der, size_t length, X509 *certificate, EVP_PKEY *key) {
    const unsigned char *p = der;
    CMS_ContentInfo *cms = length <= LONG_MAX ? d2i_CMS_ContentInfo(NULL, &p, (long)length) : NULL;
    BIO *out = BIO_new(BIO_s_secmem());
    struct co_bytes opened = no_bytes;
    if (cms && out && p == der + length && CMS_decrypt(cms, key, certificate, NULL, out, CMS_BINARY) == 1) {
        char *data = NULL;
        long size = BIO_get_mem_data(out, &data);
        if (size > 0 && (opened.data = OPENSSL_malloc((size_t)size))) {
            memcpy(opened.data, data, (size_t)size);
            opened.length = (size_t)size;
        }
    }
    BIO_free(out);
    CMS_ContentInfo_free(cms);
    ERR_clear_error();
    return opened;
}
