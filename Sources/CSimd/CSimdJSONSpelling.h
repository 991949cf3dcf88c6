// What is spelled byte by byte, whatever finds its places: numbers, literals and the hexadecimal digits of escapes.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline int is_digit(uint8_t byte) { return (uint8_t)(byte - '0') < 10; }

// Past the digits at `p`: eight at a time, as how many a number has can't be foretold, and each step would be a branch.
static inline const uint8_t *skip_digits(const uint8_t *p, const uint8_t *end) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    while (end - p >= 8) {
        const uint64_t high = 0x8080808080808080u;
        uint64_t word;
        memcpy(&word, p, 8);
        word ^= 0x3030303030303030u;
        // The high bit of each byte that is no digit: no sum carries into the next byte.
        uint64_t others = ((word & ~high) + 0x7676767676767676u | word) & high;
        if (others) return p + (__builtin_ctzll(others) >> 3);
        p += 8;
    }
#endif
    while (p < end && is_digit(*p)) p++;
    return p;
}

// Whether a number or a literal, spelled as RFC 8259 demands, is at `at`, and something that may follow one is after it.
static int is_scalar(const uint8_t *text, size_t length, size_t at) {
    // The end of the text ends no scalar: inside of an object a bracket must follow.
    const uint8_t *p = text + at, *end = text + length;
    size_t room = length - at;
    switch (*p) {
    case 't':
        if (room < 5 || memcmp(p, "true", 4)) return 0;
        p += 4;
        break;
    case 'f':
        if (room < 6 || memcmp(p, "false", 5)) return 0;
        p += 5;
        break;
    case 'n':
        if (room < 5 || memcmp(p, "null", 4)) return 0;
        p += 4;
        break;
    default:
        if (*p == '-' && ++p == end) return 0;
        if (*p == '0') {
            p++;
        } else {
            const uint8_t *digits = p;
            p = skip_digits(p, end);
            if (p == digits) return 0;
        }
        if (p < end && *p == '.') {
            const uint8_t *digits = ++p;
            p = skip_digits(p, end);
            if (p == digits) return 0;
        }
        if (p < end && (*p | 0x20) == 'e') {
            if (++p < end && (*p == '+' || *p == '-')) p++;
            const uint8_t *digits = p;
            p = skip_digits(p, end);
            if (p == digits) return 0;
        }
        if (p == end) return 0;
    }
    return *p == ',' || *p == '}' || *p == ']' || *p == ' ' || *p == '\n' || *p == '\r' || *p == '\t';
}

// The four hexadecimal digits at `at`, or -1.
static int32_t hexadecimal4(const uint8_t *text, size_t length, size_t at) {
    if (length < 4 || at > length - 4) return -1;
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t byte = text[at + i], letter = (uint8_t)((byte | 0x20) - 'a');
        if (!is_digit(byte) && letter > 5) return -1;
        value = value << 4 | (is_digit(byte) ? byte - '0' : letter + 10);
    }
    return value;
}

// Whether four hexadecimal digits follow the u at `at`. Half of a surrogate pair is allowed: the grammar knows no pairs.
static int is_unicode(const uint8_t *text, size_t length, size_t at) {
    return hexadecimal4(text, length, at + 1) >= 0;
}
