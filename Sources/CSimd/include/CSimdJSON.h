// One pass over a JSON object, 64 bytes at a time, that proves its grammar and notes where its upper levels' keys stand.
//
// Why this is C: it is the one loop whose speed decides the pipeline's, it needs the newest vector and bit instructions
// chosen at run time (one binary runs anywhere, and Swift can't compile one function for several instruction sets), and
// the same pass with the bitmaps made in C and the grammar in Swift took a fifth more time. What it may do is narrow: it
// reads the text within its length, writes the outline within its capacity, and answers "proven" or "not proven". Whatever is
// not proven is read again by `JSONReader`, in Swift, which alone decides what is wrong.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t offset;  // in the text
    uint32_t is_close;
} csimd_json_bracket;

typedef struct {
    // Limits, set by the caller.
    uint32_t *keys;                // offsets of the opening quotes of keys
    csimd_json_bracket *brackets;
    size_t capacity;               // of each of the two, above CSIMD_JSON_BLOCK_ENTRIES
    uint32_t depth_max;            // proof is given up below; at most 62
    uint32_t outline_depth;        // keys are noted down to here, brackets of containers down to one below; at most 61
    // Results.
    size_t key_count;
    size_t bracket_count;
    size_t end;                    // just past the closing bracket
    uint32_t flags;                // CSIMD_JSON_ESCAPES, ..., for the record and perhaps a few bytes after it
} csimd_json_outline;

#define CSIMD_JSON_BLOCK_ENTRIES 64  // what one block may add, a byte each
#define CSIMD_JSON_ESCAPES 1         // a backslash somewhere
#define CSIMD_JSON_HIGH 2            // a byte above 0x7F somewhere: UTF-8 is not checked here
#define CSIMD_JSON_SPACES 4          // white space between tokens

typedef enum {
    CSIMD_JSON_PROVEN = 0,    // a valid object, UTF-8 aside
    CSIMD_JSON_UNPROVEN = 1,  // invalid, cut off or too deep
    CSIMD_JSON_FULL = 2,      // the outline needs a larger capacity
} csimd_json_outcome;

// Scans the object that begins at `start`, an offset of at most `length`, which is below 4 GiB.
// `level` is at most csimd_json_level_max(): 0 for the baseline's instructions, 1 for AVX2, 2 for AVX-512BW.
csimd_json_outcome csimd_json_scan(
    const uint8_t *text, size_t length, size_t start, int level, csimd_json_outline *outline);

int csimd_json_level_max(void);
