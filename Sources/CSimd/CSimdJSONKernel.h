// The body of the scanner that takes a block of 64 bytes as it comes, included once for each instruction set that can't press bytes
// together (see CSimdJSONTokens.c). Before it stand:
// KERNEL (the function's name), TARGET (its attribute), VECTORS (64 bytes in registers), LOAD64(p),
// EQUAL(v, byte), EQUAL_OR_20(v, byte) (each a 64-bit mask), HAS_RARE(v) (whether any byte is a backslash, below 0x20 or
// above 0x7F) and PREFIX_XOR(mask).
//
// The grammar is a rule about neighbours. Call brackets, colons, commas, strings and scalars *events*; then a text is valid
// when each event may follow the one before it:
//
//     after ',' in an object: a key          after ',' in an array: a value
//     after '{': a key or '}'                after '[': a value or ']'
//     after a key: ':', and nowhere else     after ':': a value
//     after a value or a closing bracket: ',' or a closing bracket
//
// NEXT finds "the event after a comma" for all commas of a block by one addition: a bit for each comma, moved up by one, is added to
// a word of ones wherever there is no event; the carry runs to the next event and stops there, and what runs out of the
// block is carried into the next. So the cost does not depend on how many events there are. Where a block has neither white
// space nor scalars outside of strings, as most, what follows is the next byte, and a shift finds it. Only brackets are
// looked at one by one (their kinds must match), and scalars (their spelling).

TARGET static csimd_json_outcome KERNEL(
    const uint8_t *text, size_t length, size_t start, csimd_json_outline *outline) {
    uint64_t in_string = 0, is_escaped = 0, in_scalar = 0;
    // The record itself is a value, so it may come where one may: as after a separator.
    uint64_t after_start = 0, after_separator = 1, after_key = 0;
    csimd_json_containers containers = {.kinds = 1, .noted = outline->brackets};
    uint32_t flags = 0;
    const uint64_t deepest_max = 2ull << outline->depth_max, near = 2ull << outline->outline_depth;
    uint32_t *keys = outline->keys, *keys_end = keys + outline->capacity - CSIMD_JSON_STEP_ENTRIES;
    const csimd_json_bracket *brackets_end = outline->brackets + outline->capacity - CSIMD_JSON_STEP_ENTRIES;
    for (size_t base = start; base < length; base += 64) {
        // Room for the block's entries, and for one written and not kept.
        if (keys >= keys_end) return CSIMD_JSON_FULL;
        uint8_t padded[64];
        const uint8_t *bytes = text + base;
        if (length - base < 64) {
            memset(padded, ' ', sizeof padded);
            memcpy(padded, bytes, length - base);
            bytes = padded;
        }
        // The hardware's own prefetching stops at a page's end. Past the end of the text this is no access and no fault.
        __builtin_prefetch(text + base + 2048);
        VECTORS v = LOAD64(bytes);
        uint64_t quotes = EQUAL(v, '"');
        uint64_t colons = EQUAL(v, ':'), commas = EQUAL(v, ',');
        uint64_t opens = EQUAL_OR_20(v, '{'), closes = EQUAL_OR_20(v, '}');
        uint64_t strings = PREFIX_XOR(quotes) ^ in_string;  // from an opening quote up to before the closing one
        uint64_t line_breaks = 0, wrong = 0;
        if (HAS_RARE(v) || is_escaped) {
            struct rare_bytes rare = read_rare_bytes(bytes, is_escaped);
            is_escaped = rare.next_is_escaped;
            quotes &= ~rare.escaped;
            strings = PREFIX_XOR(quotes) ^ in_string;
            line_breaks = rare.white_space;
            // In a string every control character is a fault; outside, all that are not white space.
            wrong = rare.faults | (rare.controls & (strings | ~line_breaks));
            flags |= rare.flags;
            for (uint64_t rest = rare.unicode; rest; rest &= rest - 1) {
                if (!is_unicode(text, length, base + (size_t)__builtin_ctzll(rest))) wrong |= rest & -rest;
            }
        }
        in_string = (uint64_t)((int64_t)strings >> 63);
        uint64_t outside = ~(strings | quotes);
        colons &= outside;
        commas &= outside;
        opens &= outside;
        closes &= outside;
        quotes &= strings;
        uint64_t ends = commas | opens, separators = commas | colons, brackets_here = opens | closes;
        uint64_t others = outside & ~(separators | brackets_here);

        uint64_t in_record = ~0ull;
        containers.in_object = -(containers.kinds & 1);
        containers.is_near = -(uint64_t)(containers.kinds < near);
        if (brackets_here) {
            uint64_t rest = brackets_here;
            if (containers.noted >= brackets_end) return CSIMD_JSON_FULL;
            containers.mismatch = containers.deepest = 0;
            do {
                size_t place = (size_t)__builtin_ctzll(rest);
                pass_bracket(&containers, bytes[place], place, base + place, near);
                if (containers.kinds == 1) {
                    // The record ends here; what the block holds after it is the next one's.
                    in_record = ~(-2ull << place);
                    outline->end = base + place + 1;
                    break;
                }
                rest &= rest - 1;
            } while (rest);
            if ((containers.mismatch & 1) | (containers.deepest >= deepest_max)) return CSIMD_JSON_UNPROVEN;
        }

        // After a comma or an opening bracket; after a comma or a colon; what is in the second alone follows a colon.
        uint64_t starts_member, follows_separator, follows_key;
        uint64_t values = quotes | opens;
        uint64_t events = quotes | separators | brackets_here;
        if (others) {
            uint64_t spaces = others & (EQUAL(v, ' ') | line_breaks);
            flags |= spaces & in_record ? CSIMD_JSON_SPACES : 0;
            others &= ~spaces;
            uint64_t scalars = others & ~(others << 1 | in_scalar);
            values |= scalars;
            events |= scalars;
            NEXT(starts_member, ends, after_start);
            NEXT(follows_separator, separators, after_separator);
            for (uint64_t rest = scalars & in_record; rest; rest &= rest - 1) {
                if (!is_scalar(text, length, base + (size_t)__builtin_ctzll(rest))) return CSIMD_JSON_UNPROVEN;
            }
        } else {
            // Without white space and scalars what follows is what comes next.
            starts_member = ends << 1 | after_start;
            follows_separator = separators << 1 | after_separator;
            after_start = ends >> 63;
            after_separator = separators >> 63;
        }
        in_scalar = others >> 63;

        uint64_t key_places = starts_member & containers.in_object;
        NEXT(follows_key, key_places & quotes, after_key);
        wrong |= (values ^ (starts_member | follows_separator)) & ~closes;
        wrong |= key_places & ~(quotes | closes);
        wrong |= closes & follows_separator;
        wrong |= follows_key ^ colons;
        if (wrong & in_record) return CSIMD_JSON_UNPROVEN;

        // A block rarely starts more than two keys, and how many can't be foretold: so two are written without a branch.
        uint64_t noted = key_places & quotes & containers.is_near & in_record;
        for (int i = 0; i < 2; i++) {
            *keys = (uint32_t)(base + (size_t)__builtin_ctzll(noted | 1ull << 63));
            keys += noted != 0;
            noted &= noted - 1;
        }
        for (; noted; noted &= noted - 1) *keys++ = (uint32_t)(base + (size_t)__builtin_ctzll(noted));

        if (containers.kinds == 1) {
            outline->key_count = keys - outline->keys;
            outline->bracket_count = containers.noted - outline->brackets;
            outline->flags = flags;
            return CSIMD_JSON_PROVEN;
        }
    }
    return CSIMD_JSON_UNPROVEN;
}

#undef KERNEL
#undef TARGET
#undef VECTORS
#undef LOAD64
#undef EQUAL
#undef EQUAL_OR_20
#undef HAS_RARE
#undef PREFIX_XOR
