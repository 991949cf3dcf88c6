// Vector primitives that Swift calls on the path of an event.
//
// Swift's generic SIMD types have no "which lanes matched" instruction, and emulating it costs more than the comparison
// saves (measured: 60 times slower than one SSE2 intrinsic). So the few places that look at 16 or 64 bytes at once
// do it here, in C functions without state, allocation or loops over outside lengths. Each has an SSE2 form (the baseline of
// x86-64), a NEON form (the baseline of arm64) and a plain C form that says what the others must compute.
//
// Callers prove that the bytes are readable; nothing here checks a bound.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "CSimdJSON.h"
#include "CSimdSeparators.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
#endif

// Reads 16 bytes at `bytes`. Bit i of the lower half: byte i ends a run of plain JSON string bytes (a quote, a
// backslash or a control character below 0x20). Bit i of the upper half: byte i is not ASCII.
static inline uint32_t csimd_json_string_stops16(const uint8_t *bytes) {
#if defined(__SSE2__)
    __m128i v = _mm_loadu_si128((const __m128i *)bytes);
    __m128i stop = _mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))),
        _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1F)), v));
    return (uint32_t)_mm_movemask_epi8(stop) | (uint32_t)_mm_movemask_epi8(v) << 16;
#elif defined(__ARM_NEON) && defined(__aarch64__)
    static const uint8_t weights[8] = {1, 2, 4, 8, 16, 32, 64, 128};
    uint8x8_t w = vld1_u8(weights);
    uint8x16_t v = vld1q_u8(bytes);
    uint8x16_t stop = vorrq_u8(
        vorrq_u8(vceqq_u8(v, vdupq_n_u8('"')), vceqq_u8(v, vdupq_n_u8('\\'))), vcltq_u8(v, vdupq_n_u8(0x20)));
    uint8x16_t high = vcgeq_u8(v, vdupq_n_u8(0x80));
    return (uint32_t)vaddv_u8(vand_u8(vget_low_u8(stop), w)) | (uint32_t)vaddv_u8(vand_u8(vget_high_u8(stop), w)) << 8
        | (uint32_t)vaddv_u8(vand_u8(vget_low_u8(high), w)) << 16
        | (uint32_t)vaddv_u8(vand_u8(vget_high_u8(high), w)) << 24;
#else
    uint32_t mask = 0;
    for (int i = 0; i < 16; i++) {
        uint8_t b = bytes[i];
        if (b == '"' || b == '\\' || b < 0x20) mask |= 1u << i;
        if (b >= 0x80) mask |= 1u << (i + 16);
    }
    return mask;
#endif
}
