// SSL_CTX and SSL: what Sources/RPC uses.
#ifndef COPENSSL_TLS_H
#define COPENSSL_TLS_H
#endif
