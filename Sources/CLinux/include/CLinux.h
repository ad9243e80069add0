// What Glibc's Swift module lacks: epoll, eventfd, timerfd, accept4, signalfd, iconv. Thin, no policy.
#ifndef CLINUX_H
#define CLINUX_H
#include "crc32c.h"
#endif
