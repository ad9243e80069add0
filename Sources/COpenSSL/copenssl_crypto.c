#include "copenssl_crypto.h"
