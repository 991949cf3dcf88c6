// What simdjson's on-demand parser alone takes for the fields of the job `services`: with_simdjson INPUT.
//
// It reads JSON Lines in pieces, as Tidewatch does, and finds the time, service, error and principal of each event, in any order of
// keys. It counts nothing but what it prints: events, those with an error, and the bytes of the four fields. What it does not look
// at it takes for valid, numbers and keys included, where Tidewatch proves the grammar of each record.
//
// On demand, simdjson has no choice of instructions at run time: compile it for the processor at hand (-march=native).
#include <cstdio>
#include <cstring>
#include <simdjson.h>
#include <vector>

using namespace simdjson;

struct Counts {
    size_t events = 0, failures = 0, bytes = 0;
};

static void read_lines(ondemand::parser &parser, const char *text, size_t length, Counts &counts) {
    ondemand::document_stream events = parser.iterate_many(text, length, length).value();
    for (auto event : events) {
        auto take = [&](ondemand::value value) { counts.bytes += std::string_view(value.get_string()).size(); };
        for (auto field : event.get_object()) {
            ondemand::raw_json_string key = field.key();
            if (key == "eventTime" || key == "eventSource") {
                take(field.value());
            } else if (key == "errorCode") {
                take(field.value());
                counts.failures++;
            } else if (key == "userIdentity") {
                auto principal = field.value().find_field("principalId");
                if (!principal.error()) take(principal.value());
            }
        }
        counts.events++;
    }
}

int main(int count, char **arguments) {
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : nullptr;
    if (!file) return fprintf(stderr, "expected INPUT, a file\n"), 2;
    setvbuf(file, nullptr, _IONBF, 0);
    const size_t size = 512 << 10;
    std::vector<char> buffer(size + SIMDJSON_PADDING);
    ondemand::parser parser;
    Counts counts;
    size_t held = 0;
    try {
        for (;;) {
            size_t more = fread(buffer.data() + held, 1, buffer.size() - SIMDJSON_PADDING - held, file);
            held += more;
            size_t whole = held;
            while (more && whole > 0 && buffer[whole - 1] != '\n') whole--;
            if (more && whole == 0) return fprintf(stderr, "a line is longer than %zu bytes\n", size), 1;
            if (whole > 0) read_lines(parser, buffer.data(), whole, counts);
            held -= whole;
            memmove(buffer.data(), buffer.data() + whole, held);
            if (!more) break;
        }
    } catch (const simdjson_error &error) {
        return fprintf(stderr, "event %zu: %s\n", counts.events, error.what()), 1;
    }
    printf("%zu %zu %zu\n", counts.events, counts.failures, counts.bytes);
    return 0;
}
