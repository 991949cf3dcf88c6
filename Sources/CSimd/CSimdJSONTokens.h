// The scanner for processors that press the bytes of a mask together in one instruction (AVX-512 with VBMI2).
#pragma once

#include "CSimdJSON.h"

#if defined(__x86_64__)
csimd_json_outcome csimd_json_scan_tokens(
    const uint8_t *text, size_t length, size_t start, csimd_json_index *index, csimd_json_outline *outline);
#endif
