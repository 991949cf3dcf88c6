// The body of the scanner, included once for each instruction set. Before it stand:
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
// block is carried into the next. So the cost does not depend on how many events there are. Only brackets are
// looked at one by one (their kinds must match), and scalars (their spelling).

TARGET static csimd_json_outcome KERNEL(
    const uint8_t *text, size_t length, size_t start, csimd_json_outline *outline) {
    uint64_t in_string = 0, is_escaped = 0, in_scalar = 0;
    uint64_t after_start = 0, after_separator = 0, after_key = 0;
    // The kinds of the containers around, the innermost in bit 0 (1 for an object), above them a 1: so that the number is 1
    // outside of all, and below 2 << n where they are at most n.
    uint64_t kinds = 1;
    uint64_t mismatch = 0, deepest = 0, first = 1;  // the record's own bracket follows nothing
    uint32_t flags = 0;
    const uint64_t deepest_max = 2ull << outline->depth_max, near = 2ull << outline->outline_depth;
    uint32_t *keys = outline->keys, *keys_end = keys + outline->capacity - CSIMD_JSON_BLOCK_ENTRIES;
    csimd_json_bracket *brackets = outline->brackets;
    csimd_json_bracket *brackets_end = brackets + outline->capacity - CSIMD_JSON_BLOCK_ENTRIES;
    for (size_t base = start; base < length; base += 64) {
        // Room for the block's entries, and for one written and not kept.
        if (keys >= keys_end || brackets >= brackets_end) return CSIMD_JSON_FULL;
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
        uint64_t spaces = EQUAL(v, ' ');
        uint64_t colons = EQUAL(v, ':'), commas = EQUAL(v, ',');
        uint64_t opens = EQUAL_OR_20(v, '{'), closes = EQUAL_OR_20(v, '}');
        uint64_t controls = 0, faults = 0, unicode = 0;
        if (HAS_RARE(v) || is_escaped) {
            struct rare_bytes rare = read_rare_bytes(bytes, is_escaped);
            is_escaped = rare.next_is_escaped;
            quotes &= ~rare.escaped;
            spaces |= rare.white_space;
            controls = rare.controls;
            faults = rare.faults;
            unicode = rare.unicode;
            flags |= rare.flags;
        }
        uint64_t strings = PREFIX_XOR(quotes) ^ in_string;  // from an opening quote up to before the closing one
        in_string = (uint64_t)((int64_t)strings >> 63);
        uint64_t outside = ~(strings | quotes);
        colons &= outside;
        commas &= outside;
        opens &= outside;
        closes &= outside;
        // In a string every control character is a fault; outside, all that are not white space.
        faults |= controls & (strings | ~spaces);
        uint64_t others = outside & ~(colons | commas | opens | closes | spaces);
        uint64_t scalars = others & ~(others << 1 | in_scalar);
        in_scalar = others >> 63;
        quotes &= strings;
        uint64_t events = quotes | colons | commas | opens | closes | scalars;

        // After a comma or an opening bracket; after a comma or a colon; what is in the second alone follows a colon.
        uint64_t starts_member, follows_separator, follows_key;
        NEXT(starts_member, commas | opens, after_start);
        NEXT(follows_separator, commas | colons, after_separator);

        // A bracket itself counts to the container around an opening one, and to the one that a closing one ends.
        uint64_t in_object = -(kinds & 1), is_near = -(uint64_t)(kinds < near), in_record = ~0ull;
        for (uint64_t rest = opens | closes; rest; rest &= rest - 1) {
            size_t place = (size_t)__builtin_ctzll(rest);
            uint8_t byte = bytes[place];
            uint64_t before = kinds, is_object = byte >> 5 & 1, is_close = byte >> 2 & 1;
            kinds = is_close ? before >> 1 : before << 1 | is_object;
            mismatch |= is_close & (before ^ is_object);
            deepest |= kinds;
            *brackets = (csimd_json_bracket){(uint32_t)(base + place), (uint32_t)is_close};
            brackets += (before | kinds) < near << 1;
            uint64_t beyond = -2ull << place;
            in_object ^= -((before ^ kinds) & 1) & beyond;
            is_near ^= -(uint64_t)((before < near) != (kinds < near)) & beyond;
            if (kinds == 1) {
                // The record ends here; what the block holds after it is the next one's.
                in_record = ~beyond;
                outline->end = base + place + 1;
                break;
            }
        }
        if ((mismatch & 1) | (deepest >= deepest_max)) return CSIMD_JSON_UNPROVEN;

        uint64_t key_places = starts_member & in_object;
        NEXT(follows_key, key_places & quotes, after_key);
        uint64_t wrong = key_places & ~(quotes | closes);
        wrong |= closes & follows_separator;
        wrong |= (starts_member | follows_separator) & ~key_places & (colons | commas);
        wrong |= follows_key ^ colons;
        wrong |= events & ~(starts_member | follows_separator | colons | commas | closes | first);
        wrong |= faults;
        first = 0;
        if (wrong & in_record) return CSIMD_JSON_UNPROVEN;

        // A block rarely starts more than two keys, and how many can't be foretold: so two are written without a branch.
        uint64_t noted = key_places & quotes & is_near & in_record;
        for (int i = 0; i < 2; i++) {
            *keys = (uint32_t)(base + (size_t)__builtin_ctzll(noted | 1ull << 63));
            keys += noted != 0;
            noted &= noted - 1;
        }
        for (; noted; noted &= noted - 1) *keys++ = (uint32_t)(base + (size_t)__builtin_ctzll(noted));

        for (uint64_t rest = scalars & in_record; rest; rest &= rest - 1) {
            if (!is_scalar(text, length, base + __builtin_ctzll(rest))) return CSIMD_JSON_UNPROVEN;
        }
        for (uint64_t rest = unicode & in_record; rest; rest &= rest - 1) {
            if (!is_unicode(text, length, base + __builtin_ctzll(rest))) return CSIMD_JSON_UNPROVEN;
        }
        flags |= spaces & outside & in_record ? CSIMD_JSON_SPACES : 0;
        if (kinds == 1) {
            outline->key_count = keys - outline->keys;
            outline->bracket_count = brackets - outline->brackets;
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
