// Digests, AEAD, keys, signatures, X.509, CRL, CMS: what Sources/Crypto uses.
#ifndef COPENSSL_CRYPTO_H
#define COPENSSL_CRYPTO_H
#endif
