// One pass over JSON objects, 64 bytes at a time, that proves their grammar and notes where their upper levels' keys stand.
//
// Why this is C: it is the one loop whose speed decides the pipeline's, it needs the newest vector and bit instructions
// chosen at run time (one binary runs anywhere, and Swift can't compile one function for several instruction sets), and
// the same pass with the bitmaps made in C and the grammar in Swift took a fifth more time. What it may do is narrow: it
// reads the text within its length, writes the outline within its capacity, and answers "proven" or "not proven". Whatever is
// not proven is read again by `JSONReader`, in Swift, which alone decides what is wrong.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define CSIMD_JSON_STEP_ENTRIES 80   // what 64 bytes or tokens may add to an outline, and what is written beyond it and not kept
#define CSIMD_JSON_REACH 2048        // bytes that are looked at before what was found is used: a multiple of 64,
#define CSIMD_JSON_FIRST_REACH 256   // and fewer at first, as what comes may be refused, and is looked at again then
#define CSIMD_JSON_REMARKS_LEFT 64   // remarks on tokens that are not taken, above which no more text is looked at

// What tokens do not show of a block of 64 bytes.
typedef struct {
    uint64_t spaces;  // white space between tokens
    uint64_t wrong;   // what no JSON text has: in strings, or anywhere
    uint32_t base;    // the offset of the block
    uint32_t flags;   // CSIMD_JSON_ESCAPES, CSIMD_JSON_HIGH
} csimd_json_remark;

// What was found in a text beyond the records that were proven: see CSimdJSONTokens.c. Other instruction sets need none.
typedef struct {
    size_t next;                  // what is before this offset was looked at
    size_t reach;                 // bytes to look at next
    uint64_t in_string, is_escaped, in_scalar;  // of what is at it
    size_t taken, count;          // of the tokens
    size_t remark_count;
    csimd_json_remark remarks[CSIMD_JSON_REMARKS_LEFT + CSIMD_JSON_REACH / 64];
    uint32_t offsets[192];        // 64 tokens, a block's, and what is moved with them
    uint8_t tokens[192];
} csimd_json_index;

typedef struct {
    uint32_t offset;  // in the text
    uint32_t is_close;
} csimd_json_bracket;

typedef struct {
    // Limits, set by the caller.
    uint32_t *keys;                // offsets of the opening quotes of keys
    csimd_json_bracket *brackets;
    size_t capacity;               // of each of the two, above CSIMD_JSON_STEP_ENTRIES
    uint32_t depth_max;            // proof is given up below; at most 62
    uint32_t outline_depth;        // keys are noted down to here, brackets of containers down to one below; at most 61
    // Results.
    size_t key_count;
    size_t bracket_count;
    size_t end;                    // just past the closing bracket
    uint32_t flags;                // CSIMD_JSON_ESCAPES, ..., for the record and perhaps a few bytes around it
} csimd_json_outline;

#define CSIMD_JSON_ESCAPES 1         // a backslash somewhere
#define CSIMD_JSON_HIGH 2            // a byte above 0x7F somewhere: UTF-8 is not checked here
#define CSIMD_JSON_SPACES 4          // white space between tokens, of the record alone

typedef enum {
    CSIMD_JSON_PROVEN = 0,    // a valid object, UTF-8 aside
    CSIMD_JSON_UNPROVEN = 1,  // invalid, cut off or too deep
    CSIMD_JSON_FULL = 2,      // the outline needs a larger capacity
} csimd_json_outcome;

// Forgets the text that the index is about. Needed before the first scan of a text, whatever text it is.
void csimd_json_forget(csimd_json_index *index);

// Scans the object that begins at `start`, an offset of at most `length`, which is below 4 GiB. Scans of one text come in its order.
// `level` is at most csimd_json_level_max(): 0 for the baseline's instructions, 1 for AVX2, 2 for AVX-512BW,
// 3 for AVX-512 with VBMI2.
csimd_json_outcome csimd_json_scan(
    const uint8_t *text, size_t length, size_t start, int level, csimd_json_index *index, csimd_json_outline *outline);

int csimd_json_level_max(void);
