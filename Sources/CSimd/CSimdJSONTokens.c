#include "CSimdJSONTokens.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <string.h>

#include "CSimdJSONBrackets.h"
#include "CSimdJSONSpelling.h"

// In two steps: text is made into tokens, and the grammar is proven of them, 64 at a time.
//
// A token is a bracket, a colon or a comma outside of strings, the opening quote of a string, or the first byte of anything else that is
// outside of strings and no white space: of a number or a literal, where the text is valid. So the rule of what may follow what is one about
// neighbours, whatever the strings and the white space between them, and a block of text needs no branch but for backslashes. There is
// a token for each nine bytes or so. For records of 1 kB and more that takes three quarters of the time of CSimdJSONKernel.h, which takes
// blocks as they are, and for those below 100 bytes a tenth more. Where tokens can't be pressed together in a register, and are written
// one by one, it takes four thirds.
//
// What a token does not show of its block is kept beside, as a remark. Records end where they like: what was found beyond the end of one is
// the next one's.

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vbmi2,avx2,bmi,bmi2,lzcnt,popcnt,pclmul")))

TARGET static inline uint64_t equal(__m512i v, char byte) { return _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8(byte)); }

// Of each byte, with `bits` set, whether it is what the table has at the byte's lower four bits.
TARGET static inline uint64_t matches(__m512i v, char bits, __m128i table) {
    __m512i expected = _mm512_shuffle_epi8(_mm512_broadcast_i32x4(table), v);
    return _mm512_cmpeq_epi8_mask(_mm512_or_si512(v, _mm512_set1_epi8(bits)), expected);
}

// Brackets, colons and commas. Bit 5 makes braces of square brackets; what else it makes an operator of is a control character, and wrong.
TARGET static inline uint64_t operators_of(__m512i v) {
    return matches(v, 0x20, _mm_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0));
}

// The table's first place matches no zero byte, and its zeros are never at the place of one.
TARGET static inline uint64_t white_space_of(__m512i v) {
    return matches(v, 0, _mm_setr_epi8(' ', 0, 0, 0, 0, 0, 0, 0, 0, '\t', '\n', 0, 0, '\r', 0, 0));
}

// A carry-less multiplication by all ones: bit i is the parity of bits 0 to i, set from each opening quote up to before its closing quote.
TARGET static inline uint64_t prefix_xor(uint64_t x) {
    __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (long long)x), _mm_set1_epi8((char)0xFF), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

// Writes the first bytes and the offsets of the tokens at `mask`. 64 bytes and 16 offsets are written whatever is kept.
TARGET static inline void keep_tokens(__m512i v, uint64_t mask, size_t base, uint8_t *tokens, uint32_t *offsets) {
    const __m512i all_places = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36, 35, 34,
        33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2,
        1, 0);
    __m512i bases = _mm512_set1_epi32((int32_t)base), places = _mm512_maskz_compress_epi8(mask, all_places);
    _mm512_storeu_si512(tokens, _mm512_maskz_compress_epi8(mask, v));
#define KEEP_OFFSETS(part)                                                                 \
    _mm512_storeu_si512(                                                                   \
        offsets + 16 * part,                                                               \
        _mm512_add_epi32(bases, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(places, part))))
    KEEP_OFFSETS(0);
    if (__builtin_expect(__builtin_popcountll(mask) > 16, 0)) {
        KEEP_OFFSETS(1);
        KEEP_OFFSETS(2);
        KEEP_OFFSETS(3);
    }
#undef KEEP_OFFSETS
}

// Adds what comes next in the text: until 64 tokens are not taken, or `index->reach` bytes were looked at, or the text ends. Before it
// fewer than 64 are not taken, and there is text.
TARGET static void add_tokens(const uint8_t *text, size_t length, csimd_json_index *index) {
    // What is left comes to the front: behind it there is room for a block's.
    size_t count = index->count - index->taken;
    memmove(index->tokens, index->tokens + index->taken, 64);
    memmove(index->offsets, index->offsets + index->taken, 64 * sizeof *index->offsets);
    uint64_t in_string = index->in_string, is_escaped = index->is_escaped, in_scalar = index->in_scalar;
    size_t base = index->next, stop = length - base < index->reach ? length : base + index->reach;
    csimd_json_remark *remark = index->remarks + index->remark_count;
    do {
        // The hardware's own prefetching stops at a page's end. Past the end of the text this is no access and no fault.
        __builtin_prefetch(text + base + 2048);
        __m512i v = length - base < 64
            ? _mm512_mask_loadu_epi8(_mm512_set1_epi8(' '), ~(~0ull << (length - base)), text + base)
            : _mm512_loadu_si512(text + base);
        uint64_t quotes = equal(v, '"'), backslashes = equal(v, '\\');
        uint64_t operators = operators_of(v), white_space = white_space_of(v), wrong = 0;
        uint64_t controls = _mm512_cmplt_epu8_mask(v, _mm512_set1_epi8(0x20));
        uint32_t flags = _mm512_movepi8_mask(v) ? CSIMD_JSON_HIGH : 0;
        // Most texts have few, and clang keeps the masks in registers where it is told so.
        if (__builtin_expect((backslashes | is_escaped) != 0, 0)) {
            flags |= CSIMD_JSON_ESCAPES;
            // In a run of backslashes every other one escapes what is after it, from the first that is not itself escaped. Adding the
            // first bit of a run clears the run, by its carry: so runs that begin at even places are told from the others.
            const uint64_t even = 0x5555555555555555u;
            uint64_t runs = backslashes & ~is_escaped, first = runs & ~(runs << 1);
            uint64_t even_runs = runs & ~(runs + (first & even));
            uint64_t escaping = (even_runs & even) | (runs & ~even_runs & ~even);
            uint64_t escaped = escaping << 1 | is_escaped, unicode = escaped & equal(v, 'u');
            is_escaped = escaping >> 63;
            uint64_t allowed = quotes | backslashes | unicode | equal(v, '/') | equal(v, 'b') | equal(v, 'f') | equal(v, 'n')
                | equal(v, 'r') | equal(v, 't');
            wrong = escaped & ~allowed;
            quotes &= ~escaped;
            for (; unicode; unicode &= unicode - 1) {
                if (!is_unicode(text, length, base + (size_t)__builtin_ctzll(unicode))) wrong |= unicode & -unicode;
            }
        }
        uint64_t strings = prefix_xor(quotes) ^ in_string;
        in_string = (uint64_t)((int64_t)strings >> 63);
        uint64_t outside = ~(strings | quotes), spaces = white_space & outside;
        // In a string every control character is a fault; outside, all that are not white space.
        wrong |= controls & (strings | ~white_space);
        operators &= outside;
        uint64_t others = outside & ~(operators | white_space);
        uint64_t tokens = operators | (quotes & strings) | (others & ~(others << 1 | in_scalar));
        in_scalar = others >> 63;
        keep_tokens(v, tokens, base, index->tokens + count, index->offsets + count);
        count += (size_t)__builtin_popcountll(tokens);
        // Which blocks need one can't be foretold, so it is always written, and kept without a branch.
        *remark = (csimd_json_remark){spaces, wrong, (uint32_t)base, flags};
        remark += (spaces | wrong | flags) != 0;
        base += 64;
    } while (count < 64 && base < stop);
    index->taken = 0;
    index->count = count;
    index->next = base;
    index->reach = CSIMD_JSON_REACH;
    index->remark_count = (size_t)(remark - index->remarks);
    index->in_string = in_string;
    index->is_escaped = is_escaped;
    index->in_scalar = in_scalar;
}

// Takes the remarks on what is before `end` of a record that begins at `start`, and says whether nothing in it is wrong. One on what is
// after `end` as well stays.
static inline int take_remarks(csimd_json_index *index, size_t start, size_t end, uint32_t *flags) {
    size_t taken = 0;
    uint64_t wrong = 0;
    for (; taken < index->remark_count; taken++) {
        csimd_json_remark remark = index->remarks[taken];
        if (remark.base >= end) break;
        uint64_t inside = ~0ull;
        if (remark.base < start) inside = start - remark.base < 64 ? inside << (start - remark.base) : 0;
        if (end - remark.base < 64) inside &= ~(~0ull << (end - remark.base));
        wrong |= remark.wrong & inside;
        *flags |= (inside ? remark.flags : 0) | (remark.spaces & inside ? CSIMD_JSON_SPACES : 0);
        if (end - remark.base < 64) break;
    }
    index->remark_count -= taken;
    if (index->remark_count) {
        memmove(index->remarks, index->remarks + taken, index->remark_count * sizeof *index->remarks);
    }
    return !wrong;
}

// The grammar is a rule about neighbours. A text is valid when each token may follow the one before it:
//
//     after ',' in an object: a key          after ',' in an array: a value
//     after '{': a key or '}'                after '[': a value or ']'
//     after a key: ':', and nowhere else     after ':': a value
//     after a value or a closing bracket: ',' or a closing bracket
//
// "The tokens after a comma" are the mask of commas moved up by one. Only brackets are looked at one by one (their kinds must match), and
// scalars (their spelling).
TARGET static csimd_json_outcome prove(
    const uint8_t *text, size_t length, size_t start, csimd_json_index *index, csimd_json_outline *outline) {
    // The record itself is a value, so it may come where one may: as after a separator.
    uint64_t after_start = 0, after_separator = 1, after_key = 0;
    csimd_json_containers containers = {.kinds = 1, .noted = outline->brackets};
    const uint64_t deepest_max = 2ull << outline->depth_max, near = 2ull << outline->outline_depth;
    uint32_t *keys = outline->keys, *keys_end = keys + outline->capacity - CSIMD_JSON_STEP_ENTRIES;
    const csimd_json_bracket *brackets_end = outline->brackets + outline->capacity - CSIMD_JSON_STEP_ENTRIES;
    uint32_t flags = 0;
    size_t end = 0;
    while (!end) {
        while (index->count - index->taken < 64 && index->next < length) {
            // What is before the next token is all the record's.
            size_t reached = index->taken < index->count ? index->offsets[index->taken] : index->next;
            if (!take_remarks(index, start, reached, &flags)) return CSIMD_JSON_UNPROVEN;
            if (index->remark_count > CSIMD_JSON_REMARKS_LEFT) break;
            add_tokens(text, length, index);
            if (index->count) break;
        }
        size_t count = index->count - index->taken;
        if (!count) return CSIMD_JSON_UNPROVEN;
        if (count > 64) count = 64;
        if (keys >= keys_end || containers.noted >= brackets_end) return CSIMD_JSON_FULL;

        const uint8_t *tokens = index->tokens + index->taken;
        const uint32_t *offsets = index->offsets + index->taken;
        const uint64_t all = ~0ull >> (64 - count);
        __m512i v = _mm512_loadu_si512(tokens), braces = _mm512_or_si512(v, _mm512_set1_epi8(0x20));
        uint64_t quotes = equal(v, '"') & all, colons = equal(v, ':') & all, commas = equal(v, ',') & all;
        uint64_t opens = equal(braces, '{') & all, closes = equal(braces, '}') & all;
        uint64_t scalars = all & ~(quotes | colons | commas | opens | closes);

        uint64_t in_record = all;
        containers.in_object = -(containers.kinds & 1);
        containers.is_near = -(uint64_t)(containers.kinds < near);
        containers.mismatch = containers.deepest = 0;
        for (uint64_t rest = opens | closes; rest; rest &= rest - 1) {
            size_t place = (size_t)__builtin_ctzll(rest);
            pass_bracket(&containers, tokens[place], place, offsets[place], near);
            if (containers.kinds == 1) {
                // The record ends here; what comes after it is the next one's.
                in_record &= ~(-2ull << place);
                count = place + 1;
                end = offsets[place] + (size_t)1;
                break;
            }
        }
        if ((containers.mismatch & 1) | (containers.deepest >= deepest_max)) return CSIMD_JSON_UNPROVEN;

        // After a comma or an opening bracket; after a comma or a colon; what is in the second alone follows a colon.
        uint64_t ends = commas | opens, separators = commas | colons, values = quotes | opens | scalars;
        uint64_t starts_member = ends << 1 | after_start, follows_separator = separators << 1 | after_separator;
        uint64_t key_places = starts_member & containers.in_object, key_quotes = key_places & quotes;
        uint64_t wrong = (values ^ (starts_member | follows_separator)) & ~closes;
        wrong |= key_places & ~(quotes | closes);
        wrong |= closes & follows_separator;
        wrong |= (key_quotes << 1 | after_key) ^ colons;
        if (wrong & in_record) return CSIMD_JSON_UNPROVEN;
        after_start = ends >> (count - 1) & 1;
        after_separator = separators >> (count - 1) & 1;
        after_key = key_quotes >> (count - 1) & 1;
        for (uint64_t rest = scalars & in_record; rest; rest &= rest - 1) {
            if (!is_scalar(text, length, offsets[__builtin_ctzll(rest)])) return CSIMD_JSON_UNPROVEN;
        }

        uint64_t noted = key_quotes & containers.is_near & in_record;
        for (int part = 0; part < 4; part++) {
            __mmask16 here = (__mmask16)(noted >> 16 * part);
            __m512i places = _mm512_loadu_si512(offsets + 16 * part);
            _mm512_storeu_si512(keys, _mm512_maskz_compress_epi32(here, places));
            keys += __builtin_popcount(here);
        }
        index->taken += count;
    }
    if (!take_remarks(index, start, end, &flags)) return CSIMD_JSON_UNPROVEN;
    outline->key_count = (size_t)(keys - outline->keys);
    outline->bracket_count = (size_t)(containers.noted - outline->brackets);
    outline->end = end;
    outline->flags = flags;
    return CSIMD_JSON_PROVEN;
}

csimd_json_outcome csimd_json_scan_tokens(
    const uint8_t *text, size_t length, size_t start, csimd_json_index *index, csimd_json_outline *outline) {
    // What is between records is the caller's.
    while (index->taken < index->count && index->offsets[index->taken] < start) index->taken++;
    // A backslash between records would escape the bracket after it.
    int is_escaped = start > 0 && text[start - 1] == '\\';
    if (index->taken == index->count || index->offsets[index->taken] != start || is_escaped) {
        csimd_json_forget(index);
        index->next = start;
    }
    csimd_json_outcome outcome = prove(text, length, start, index, outline);
    // A record that isn't proven is read by others, and what was found in it says nothing of the next; or it is begun anew.
    if (outcome != CSIMD_JSON_PROVEN) csimd_json_forget(index);
    return outcome;
}
#endif
