#include "CSimdJSON.h"

#include <string.h>

#include "CSimdJSONBrackets.h"
#include "CSimdJSONSpelling.h"
#include "CSimdJSONTokens.h"

// Bit i is the parity of bits 0 to i: set from each opening quote up to before its closing quote.
static inline uint64_t prefix_xor(uint64_t x) {
    x ^= x << 1;
    x ^= x << 2;
    x ^= x << 4;
    x ^= x << 8;
    x ^= x << 16;
    return x ^ x << 32;
}

// Bits of `events` that come next after a bit of `which`; `carry` tells the next block that one is still to come.
#define NEXT(result, which, carry)                                                          \
    do {                                                                                    \
        uint64_t after = (which), sum;                                                      \
        uint64_t overflow = __builtin_add_overflow(after << 1 | (carry), ~events, &sum);    \
        (carry) = after >> 63 | overflow;                                                   \
        (result) = sum & events;                                                            \
    } while (0)

#if defined(__x86_64__)
#include <immintrin.h>

typedef struct {
    __m128i part[4];
} sse2_vectors;

static inline sse2_vectors sse2_load64(const uint8_t *p) {
    const __m128i *q = (const __m128i *)p;
    return (sse2_vectors){{_mm_loadu_si128(q), _mm_loadu_si128(q + 1), _mm_loadu_si128(q + 2), _mm_loadu_si128(q + 3)}};
}

static inline uint64_t sse2_mask(__m128i a, __m128i b, __m128i c, __m128i d) {
    return (uint64_t)_mm_movemask_epi8(a) | (uint64_t)_mm_movemask_epi8(b) << 16
        | (uint64_t)_mm_movemask_epi8(c) << 32 | (uint64_t)_mm_movemask_epi8(d) << 48;
}

static inline uint64_t sse2_equal(sse2_vectors v, __m128i bits, char byte) {
    __m128i x = _mm_set1_epi8(byte);
    return sse2_mask(
        _mm_cmpeq_epi8(_mm_or_si128(v.part[0], bits), x), _mm_cmpeq_epi8(_mm_or_si128(v.part[1], bits), x),
        _mm_cmpeq_epi8(_mm_or_si128(v.part[2], bits), x), _mm_cmpeq_epi8(_mm_or_si128(v.part[3], bits), x));
}

static inline __m128i sse2_below20(__m128i v) {
    return _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(0x1F)), v);
}

static inline int sse2_has_rare(sse2_vectors v) {
    __m128i any = _mm_setzero_si128();
    for (int i = 0; i < 4; i++) {
        __m128i x = v.part[i];
        any = _mm_or_si128(
            _mm_or_si128(any, x), _mm_or_si128(sse2_below20(x), _mm_cmpeq_epi8(x, _mm_set1_epi8('\\'))));
    }
    return _mm_movemask_epi8(any) != 0;  // the top bit of a byte is set when it is high, too
}

static inline uint64_t base_equal(const uint8_t *p, char byte) {
    return sse2_equal(sse2_load64(p), _mm_setzero_si128(), byte);
}

static inline uint64_t base_below20(const uint8_t *p) {
    sse2_vectors v = sse2_load64(p);
    return sse2_mask(
        sse2_below20(v.part[0]), sse2_below20(v.part[1]), sse2_below20(v.part[2]), sse2_below20(v.part[3]));
}

static inline uint64_t base_high(const uint8_t *p) {
    sse2_vectors v = sse2_load64(p);
    return sse2_mask(v.part[0], v.part[1], v.part[2], v.part[3]);
}

#include "CSimdJSONRare.h"

#define KERNEL scan_baseline
#define TARGET
#define VECTORS sse2_vectors
#define LOAD64 sse2_load64
#define EQUAL(v, byte) sse2_equal(v, _mm_setzero_si128(), byte)
#define EQUAL_OR_20(v, byte) sse2_equal(v, _mm_set1_epi8(0x20), byte)
#define HAS_RARE sse2_has_rare
#define PREFIX_XOR prefix_xor
#include "CSimdJSONKernel.h"

#define AVX2 __attribute__((target("avx2,bmi,pclmul")))

typedef struct {
    __m256i low, high;
} avx2_vectors;

AVX2 static inline avx2_vectors avx2_load64(const uint8_t *p) {
    return (avx2_vectors){_mm256_loadu_si256((const __m256i *)p), _mm256_loadu_si256((const __m256i *)(p + 32))};
}

AVX2 static inline uint64_t avx2_mask(__m256i low, __m256i high) {
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

AVX2 static inline uint64_t avx2_equal(avx2_vectors v, __m256i bits, char byte) {
    __m256i x = _mm256_set1_epi8(byte);
    return avx2_mask(
        _mm256_cmpeq_epi8(_mm256_or_si256(v.low, bits), x), _mm256_cmpeq_epi8(_mm256_or_si256(v.high, bits), x));
}

AVX2 static inline __m256i avx2_below20(__m256i v) {
    return _mm256_cmpeq_epi8(_mm256_min_epu8(v, _mm256_set1_epi8(0x1F)), v);
}

AVX2 static inline int avx2_has_rare(avx2_vectors v) {
    __m256i x = _mm256_set1_epi8('\\');
    __m256i rare = _mm256_or_si256(_mm256_cmpeq_epi8(v.low, x), _mm256_cmpeq_epi8(v.high, x));
    rare = _mm256_or_si256(rare, _mm256_or_si256(avx2_below20(v.low), avx2_below20(v.high)));
    return _mm256_movemask_epi8(_mm256_or_si256(rare, _mm256_or_si256(v.low, v.high))) != 0;
}

#define PCLMUL __attribute__((target("pclmul")))

// A carry-less multiplication by all ones is the same prefix parity, in one instruction.
PCLMUL static inline uint64_t clmul_prefix_xor(uint64_t x) {
    return (uint64_t)_mm_cvtsi128_si64(
        _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)x), _mm_set1_epi8((char)0xFF), 0));
}

#define KERNEL scan_avx2
#define TARGET AVX2
#define VECTORS avx2_vectors
#define LOAD64 avx2_load64
#define EQUAL(v, byte) avx2_equal(v, _mm256_setzero_si256(), byte)
#define EQUAL_OR_20(v, byte) avx2_equal(v, _mm256_set1_epi8(0x20), byte)
#define HAS_RARE avx2_has_rare
#define PREFIX_XOR clmul_prefix_xor
#include "CSimdJSONKernel.h"

#define KERNEL scan_avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx2,bmi,pclmul")))
#define VECTORS __m512i
#define LOAD64(p) _mm512_loadu_si512(p)
#define EQUAL(v, byte) _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(byte))
#define EQUAL_OR_20(v, byte) \
    _mm512_cmpeq_epi8_mask(_mm512_or_si512(v, _mm512_set1_epi8(0x20)), _mm512_set1_epi8(byte))
#define HAS_RARE(v) \
    ((_mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('\\')) | _mm512_cmplt_epu8_mask(v, _mm512_set1_epi8(0x20)) \
      | _mm512_movepi8_mask(v)) != 0)
#define PREFIX_XOR clmul_prefix_xor
#include "CSimdJSONKernel.h"

#elif defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>

static inline uint64_t neon_mask(uint8x16x4_t v) {
    static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t w = vld1q_u8(weights);
    uint8x16_t ab = vpaddq_u8(vandq_u8(v.val[0], w), vandq_u8(v.val[1], w));
    uint8x16_t cd = vpaddq_u8(vandq_u8(v.val[2], w), vandq_u8(v.val[3], w));
    uint8x16_t all = vpaddq_u8(ab, cd);
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(all, all)), 0);
}

static inline uint64_t neon_equal(uint8x16x4_t v, uint8_t bits, uint8_t byte) {
    uint8x16_t o = vdupq_n_u8(bits), x = vdupq_n_u8(byte);
    for (int i = 0; i < 4; i++) v.val[i] = vceqq_u8(vorrq_u8(v.val[i], o), x);
    return neon_mask(v);
}

static inline uint8x16x4_t neon_load64(const uint8_t *p) {
    return (uint8x16x4_t){{vld1q_u8(p), vld1q_u8(p + 16), vld1q_u8(p + 32), vld1q_u8(p + 48)}};
}

static inline uint64_t neon_below20(uint8x16x4_t v) {
    for (int i = 0; i < 4; i++) v.val[i] = vcltq_u8(v.val[i], vdupq_n_u8(0x20));
    return neon_mask(v);
}

static inline uint64_t neon_high(uint8x16x4_t v) {
    for (int i = 0; i < 4; i++) v.val[i] = vcgeq_u8(v.val[i], vdupq_n_u8(0x80));
    return neon_mask(v);
}

static inline int neon_has_rare(uint8x16x4_t v) {
    uint8x16_t any = vdupq_n_u8(0);
    for (int i = 0; i < 4; i++) {
        uint8x16_t x = v.val[i];
        // Seen from 0x20, everything below it and above 0x7F is 0x60 or more.
        any = vorrq_u8(any, vorrq_u8(vcgeq_u8(vsubq_u8(x, vdupq_n_u8(0x20)), vdupq_n_u8(0x60)),
                                     vceqq_u8(x, vdupq_n_u8('\\'))));
    }
    return vmaxvq_u8(any) != 0;
}

static inline uint64_t base_equal(const uint8_t *p, char byte) { return neon_equal(neon_load64(p), 0, (uint8_t)byte); }
static inline uint64_t base_below20(const uint8_t *p) { return neon_below20(neon_load64(p)); }
static inline uint64_t base_high(const uint8_t *p) { return neon_high(neon_load64(p)); }

#include "CSimdJSONRare.h"

#define KERNEL scan_baseline
#define TARGET
#define VECTORS uint8x16x4_t
#define LOAD64 neon_load64
#define EQUAL(v, byte) neon_equal(v, 0, byte)
#define EQUAL_OR_20(v, byte) neon_equal(v, 0x20, byte)
#define HAS_RARE neon_has_rare
#define PREFIX_XOR prefix_xor
#include "CSimdJSONKernel.h"

#else

static inline uint64_t plain_equal(const uint8_t *p, uint8_t bits, uint8_t byte) {
    uint64_t mask = 0;
    for (int i = 0; i < 64; i++) mask |= (uint64_t)((p[i] | bits) == byte) << i;
    return mask;
}

static inline uint64_t plain_between(const uint8_t *p, uint8_t low, uint8_t high) {
    uint64_t mask = 0;
    for (int i = 0; i < 64; i++) mask |= (uint64_t)(p[i] >= low && p[i] <= high) << i;
    return mask;
}

static inline uint64_t base_equal(const uint8_t *p, char byte) { return plain_equal(p, 0, (uint8_t)byte); }
static inline uint64_t base_below20(const uint8_t *p) { return plain_between(p, 0, 0x1F); }
static inline uint64_t base_high(const uint8_t *p) { return plain_between(p, 0x80, 0xFF); }

#include "CSimdJSONRare.h"

#define KERNEL scan_baseline
#define TARGET
#define VECTORS const uint8_t *
#define LOAD64(p) p
#define EQUAL(v, byte) plain_equal(v, 0, byte)
#define EQUAL_OR_20(v, byte) plain_equal(v, 0x20, byte)
#define HAS_RARE(v) ((base_below20(v) | base_high(v) | base_equal(v, '\\')) != 0)
#define PREFIX_XOR prefix_xor
#include "CSimdJSONKernel.h"

#endif

int csimd_json_level_max(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("pclmul") && __builtin_cpu_supports("bmi")) {
        // Whatever has VBMI2 has all else that level 3 is compiled for.
        if (__builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bw")) return 3;
        if (__builtin_cpu_supports("avx512bw")) return 2;
        if (__builtin_cpu_supports("avx2")) return 1;
    }
#endif
    return 0;
}

csimd_json_outcome csimd_json_scan(
    const uint8_t *text, size_t length, size_t start, int level, csimd_json_index *index, csimd_json_outline *outline) {
#if defined(__x86_64__)
    if (level >= 3) return csimd_json_scan_tokens(text, length, start, index, outline);
    if (level == 2) return scan_avx512(text, length, start, outline);
    if (level == 1) return scan_avx2(text, length, start, outline);
#else
    (void)level;
#endif
    (void)index;
    return scan_baseline(text, length, start, outline);
}

void csimd_json_forget(csimd_json_index *index) {
    index->next = index->in_string = index->is_escaped = index->in_scalar = 0;
    index->taken = index->count = index->remark_count = 0;
    index->reach = CSIMD_JSON_FIRST_REACH;
}
