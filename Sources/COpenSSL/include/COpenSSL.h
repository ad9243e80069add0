// All of OpenSSL that Swift sees. Thin, no policy: policy lives in Crypto and RPC.
#ifndef COPENSSL_H
#define COPENSSL_H
#include "copenssl_crypto.h"
#include "copenssl_tls.h"
#endif
