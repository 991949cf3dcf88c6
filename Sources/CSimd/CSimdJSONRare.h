// What few blocks need, in the baseline's instructions. Before it stand base_equal, base_below20 and base_high.

struct rare_bytes {
    uint64_t escaped, next_is_escaped, white_space, controls, faults, unicode;
    uint32_t flags;
};

// What a block needs when it holds a backslash, a control character or a byte above 0x7F. Apart from the kernels, and not
// inlined: clang takes the vectors of AVX2 to pieces when they live across these loops.
__attribute__((noinline)) static struct rare_bytes read_rare_bytes(const uint8_t *bytes, uint64_t is_escaped) {
    struct rare_bytes rare = {.escaped = is_escaped};
    uint64_t backslashes = base_equal(bytes, '\\');
    rare.flags = (backslashes ? CSIMD_JSON_ESCAPES : 0) | (base_high(bytes) ? CSIMD_JSON_HIGH : 0);
    rare.controls = base_below20(bytes);
    if (rare.controls) {
        rare.white_space =
            base_equal(bytes, '\n') | base_equal(bytes, '\r') | base_equal(bytes, '\t');
    }
    // A backslash that is not itself escaped escapes the byte after it: from left to right, one by one.
    backslashes &= ~is_escaped;
    while (backslashes) {
        uint64_t lowest = backslashes & -backslashes;
        rare.escaped |= lowest << 1;
        rare.next_is_escaped |= lowest >> 63;
        backslashes &= ~(lowest | lowest << 1);
    }
    for (uint64_t rest = rare.escaped; rest; rest &= rest - 1) {
        switch (bytes[__builtin_ctzll(rest)]) {
        case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't': break;
        case 'u': rare.unicode |= rest & -rest; break;
        default: rare.faults |= rest & -rest;
        }
    }
    return rare;
}

