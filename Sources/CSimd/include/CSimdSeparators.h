#pragma once

// Vector primitives for text of fields between blanks: SSE2, NEON, and a scalar form that the others are tested
// against. Every function is `static inline`, so that Swift's optimiser sees its body.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

/// One bit for each of 64 bytes, the first byte's lowest.
typedef struct {
    /// Bytes up to 0x20: the space and all control characters.
    uint64_t blanks;
    /// Not zero when any byte has its high bit set.
    uint64_t high;
} csimd_separators;

static inline csimd_separators csimd_separators64_scalar(const uint8_t *p) {
    csimd_separators r = {0, 0};
    for (int i = 0; i < 64; i++) {
        r.blanks |= (uint64_t)(p[i] <= 0x20) << i;
        r.high |= p[i] & 0x80;
    }
    return r;
}

/// Reads exactly 64 bytes from `p`.
static inline csimd_separators csimd_separators64(const uint8_t *p) {
#if defined(__SSE2__)
    const __m128i limit = _mm_set1_epi8(0x20);
    __m128i a = _mm_loadu_si128((const __m128i *)p), b = _mm_loadu_si128((const __m128i *)(p + 16));
    __m128i c = _mm_loadu_si128((const __m128i *)(p + 32)), d = _mm_loadu_si128((const __m128i *)(p + 48));
#define CSIMD_BLANKS(v) (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(v, limit), v))
    csimd_separators r;
    r.blanks = CSIMD_BLANKS(a) | CSIMD_BLANKS(b) << 16 | CSIMD_BLANKS(c) << 32 | CSIMD_BLANKS(d) << 48;
    r.high = (uint32_t)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(a, b), _mm_or_si128(c, d)));
#undef CSIMD_BLANKS
    return r;
#elif defined(__ARM_NEON) && defined(__aarch64__)
    const uint8x16_t limit = vdupq_n_u8(0x20);
    const uint8x16_t bit = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t a = vld1q_u8(p), b = vld1q_u8(p + 16), c = vld1q_u8(p + 32), d = vld1q_u8(p + 48);
    uint8x16_t ab = vpaddq_u8(vandq_u8(vcleq_u8(a, limit), bit), vandq_u8(vcleq_u8(b, limit), bit));
    uint8x16_t cd = vpaddq_u8(vandq_u8(vcleq_u8(c, limit), bit), vandq_u8(vcleq_u8(d, limit), bit));
    uint8x16_t sum = vpaddq_u8(ab, cd);
    sum = vpaddq_u8(sum, sum);
    csimd_separators r;
    r.blanks = vgetq_lane_u64(vreinterpretq_u64_u8(sum), 0);
    r.high = vmaxvq_u8(vorrq_u8(vorrq_u8(a, b), vorrq_u8(c, d))) & 0x80;
    return r;
#else
    return csimd_separators64_scalar(p);
#endif
}

/// The same for the `count` bytes (0 to 63) that are left: bits from `count` on are clear, and nothing past them is read.
static inline csimd_separators csimd_separators_tail(const uint8_t *p, size_t count) {
    uint8_t padded[64];
    memset(padded, 'x', sizeof padded);
    if (count != 0) memcpy(padded, p, count);
    return csimd_separators64(padded);
}

/// Masks of the 16 bytes at `p` that the form of an IPv4 address depends on.
typedef struct {
    uint32_t digits, dots, zeros, ones, twos, fives, below5, upto5;
} csimd_octets;

static inline csimd_octets csimd_octets16_scalar(const uint8_t *p) {
    csimd_octets r = {0, 0, 0, 0, 0, 0, 0, 0};
    for (int i = 0; i < 16; i++) {
        uint8_t c = p[i];
        r.digits |= (uint32_t)(c >= '0' && c <= '9') << i;
        r.dots |= (uint32_t)(c == '.') << i;
        r.zeros |= (uint32_t)(c == '0') << i;
        r.ones |= (uint32_t)(c == '1') << i;
        r.twos |= (uint32_t)(c == '2') << i;
        r.fives |= (uint32_t)(c == '5') << i;
        r.below5 |= (uint32_t)(c >= '0' && c < '5') << i;
        r.upto5 |= (uint32_t)(c >= '0' && c <= '5') << i;
    }
    return r;
}

static inline csimd_octets csimd_octets16(const uint8_t *p) {
#if defined(__SSE2__)
    // Digits become 0 to 9; the dot (0x2E) becomes 0xFE, and everything else stays above 9.
    __m128i v = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)p), _mm_set1_epi8('0'));
#define CSIMD_EQ(x) (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8((char)(x))))
#define CSIMD_LE(x) (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8((char)(x))), v))
    csimd_octets r;
    r.digits = CSIMD_LE(9);
    r.dots = CSIMD_EQ(0xFE);
    r.zeros = CSIMD_EQ(0);
    r.ones = CSIMD_EQ(1);
    r.twos = CSIMD_EQ(2);
    r.below5 = CSIMD_LE(4);
    r.upto5 = CSIMD_LE(5);
    r.fives = r.upto5 ^ r.below5;
#undef CSIMD_EQ
#undef CSIMD_LE
    return r;
#else
    return csimd_octets16_scalar(p);
#endif
}

/// Whether the `count` bytes at `p` are an IPv4 address: four decimal octets without leading zeros. `readable` is how
/// many bytes may be read from `p`; it is at least `count`.
static inline bool csimd_is_ipv4(const uint8_t *p, size_t count, size_t readable) {
    if (count < 7 || count > 15) return false;
    csimd_octets m;
    if (readable >= 16) {
        m = csimd_octets16(p);
    } else {
        uint8_t padded[16] = {0};
        memcpy(padded, p, count);
        m = csimd_octets16(padded);
    }
    uint32_t field = (1u << count) - 1, digits = m.digits & field, dots = m.dots & field;
    if ((digits | dots) != field || __builtin_popcount(dots) != 3) return false;
    // Where octets begin: at the first byte and after each dot. No octet is empty, none has four digits.
    uint32_t starts = (dots << 1 | 1);
    uint32_t bad = starts & ~digits;
    bad |= digits & digits >> 1 & digits >> 2 & digits >> 3;
    // An octet of two digits or more does not begin with 0; one of three is at most 255.
    bad |= starts & digits >> 1 & m.zeros;
    uint32_t three = starts & digits >> 1 & digits >> 2;
    bad |= three & ~(m.ones | (m.twos & (m.below5 >> 1 | (m.fives >> 1 & m.upto5 >> 2))));
    return bad == 0;
}

/// The offset of the first `byte` among the `count` bytes at `p`, or `count`.
static inline size_t csimd_find(const uint8_t *p, size_t count, uint8_t byte) {
    const uint8_t *found = count == 0 ? NULL : (const uint8_t *)memchr(p, byte, count);
    return found == NULL ? count : (size_t)(found - p);
}
