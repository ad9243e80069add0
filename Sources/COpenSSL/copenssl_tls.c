#include "copenssl_tls.h"
