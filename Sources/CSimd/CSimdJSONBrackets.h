// What brackets say of the tokens of a block, or of 64 tokens: the one thing that is looked at one by one.
#pragma once

#include "CSimdJSON.h"

typedef struct {
    // The kinds of the containers around, the innermost in bit 0 (1 for an object), above them a 1: so that the number is 1
    // outside of all, and below 2 << n where they are at most n.
    uint64_t kinds;
    uint64_t deepest;                    // all kinds that there were, as one mask
    uint64_t mismatch;                   // bit 0: a bracket closes what another kind opened
    uint64_t in_object, is_near;         // of places: what is directly in an object; what is above the outline's depth
    csimd_json_bracket *noted;           // where the next one goes
} csimd_json_containers;

// Passes the bracket at a place of the masks and an offset of the text. One is written whatever its depth, and kept where it is near.
//
// A bracket itself counts to the container around an opening one, and to the one that a closing one ends.
static inline __attribute__((always_inline)) void pass_bracket(
    csimd_json_containers *containers, uint8_t byte, size_t place, size_t offset, uint64_t near) {
    uint64_t before = containers->kinds, is_object = byte >> 5 & 1, is_close = byte >> 2 & 1;
    uint64_t kinds = is_close ? before >> 1 : before << 1 | is_object;
    containers->mismatch |= is_close & (before ^ is_object);
    containers->deepest |= kinds;
    *containers->noted = (csimd_json_bracket){(uint32_t)offset, (uint32_t)is_close};
    // The deeper of the two sides, for what is compared with a power of two.
    uint64_t deeper = before | kinds, beyond = -2ull << place;
    containers->noted += deeper < near << 1;
    containers->in_object ^= -((before ^ kinds) & 1) & beyond;
    containers->is_near ^= -(uint64_t)(deeper - near < near) & beyond;
    containers->kinds = kinds;
}
