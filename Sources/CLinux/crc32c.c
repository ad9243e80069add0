#include "crc32c.h"

#include <stdatomic.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__)
#include <arm_acle.h>
#include <sys/auxv.h>
#ifndef HWCAP_CRC32
#define HWCAP_CRC32 (1 << 7)
#endif
#endif

static uint32_t table[256];
static atomic_int table_ready;

// Two threads may fill the table at once: both write the same values.
static void fill_table(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) c = (c >> 1) ^ (0x82F63B78u & (0u - (c & 1)));
        __atomic_store_n(&table[i], c, __ATOMIC_RELAXED);
    }
    atomic_store_explicit(&table_ready, 1, memory_order_release);
}

uint32_t tl_crc32c_table(uint32_t crc, const void *bytes, size_t length) {
    if (!atomic_load_explicit(&table_ready, memory_order_acquire)) fill_table();
    const uint8_t *p = bytes;
    uint32_t c = ~crc;
    while (length--) c = (c >> 8) ^ __atomic_load_n(&table[(c ^ *p++) & 0xFF], __ATOMIC_RELAXED);
    return ~c;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t hardware(uint32_t crc, const uint8_t *p, size_t n) {
    uint64_t c = (uint32_t)~crc;
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        c = _mm_crc32_u64(c, word);
    }
    uint32_t d = (uint32_t)c;
    for (; n; n--) d = _mm_crc32_u8(d, *p++);
    return ~d;
}
static int has_hardware(void) { return __builtin_cpu_supports("sse4.2"); }
#elif defined(__aarch64__)
__attribute__((target("crc"))) static uint32_t hardware(uint32_t crc, const uint8_t *p, size_t n) {
    uint32_t c = ~crc;
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        c = __crc32cd(c, word);
    }
    for (; n; n--) c = __crc32cb(c, *p++);
    return ~c;
}
static int has_hardware(void) { return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0; }
#else
static uint32_t hardware(uint32_t crc, const uint8_t *p, size_t n) { return tl_crc32c_table(crc, p, n); }
static int has_hardware(void) { return 0; }
#endif

uint32_t tl_crc32c(uint32_t crc, const void *bytes, size_t length) {
    return has_hardware() ? hardware(crc, bytes, length) : tl_crc32c_table(crc, bytes, length);
}

size_t tl_first_nonzero(const void *bytes, size_t length) {
    const uint8_t *p = bytes;
    size_t i = 0;
    for (; i + 8 <= length; i += 8) {
        uint64_t word;
        memcpy(&word, p + i, 8);
        if (word) break;
    }
    for (; i < length; i++)
        if (p[i]) return i;
    return length;
}
