// CRC-32C (Castagnoli), RFC 3720 appendix B.4: hardware where the processor has it, a table where not.
#ifndef TWOLISTS_CRC32C_H
#define TWOLISTS_CRC32C_H
#include <stddef.h>
#include <stdint.h>

// Continues `crc` (0 to start) over `length` bytes. tl_crc32c(0, "123456789", 9) == 0xE3069283.
uint32_t tl_crc32c(uint32_t crc, const void *bytes, size_t length);
// The table form, always: so that a test can hold the two against each other.
uint32_t tl_crc32c_table(uint32_t crc, const void *bytes, size_t length);
// Offset of the first byte that is not zero, or `length`.
size_t tl_first_nonzero(const void *bytes, size_t length);
#endif
