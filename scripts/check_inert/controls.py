"""What each parser has to refuse, and what it has to take: a parser that finds nothing would prove nothing."""

import json

import parsers


def report(cell):
    return f"# t\n\n| a | b |\n|---|---|\n| {cell} | 1 |\n".encode()


def page(text):
    return f"<!DOCTYPE html>\n<html lang=\"en\"><body><p>{text}</p></body></html>".encode()


def body(text):
    return json.dumps({"payload": {"summary": text}}).encode()


REFUSED = [
    (parsers.terminal, [b"\x1b[2J", b"\x1b]0;a\x07", "\x9b31m".encode(), b"\x9b31m", b"\x07", b"a\rb", b"\x7f", "\u202e".encode(),
                        "\u200b".encode(), "\u2028".encode(), "\U000e0041".encode(), b"a\tb"]),
    (lambda data: parsers.terminal(data, colours=True), [b"\x1b[2J", b"\x1b[31", b"\x1b[38;5;1m", b"\x1bc"]),
    (parsers.json_lines, [b'{"a":"\\ud83d"}', '{"a":"\x9b"}'.encode(), b'{"a":NaN}', b'{"a":1,"a":2}', b'{"a":"\x7f"}', b"{"]),
    (parsers.text_log, [b"forged\n", b"2026-01-15T09:00:00Z critical forged\n", b"2026-01-15T09:00:00Z info \x1b[2J\n"]),
    (parsers.csv_rows, [b"a,b\n=1,2\n", b"a,b\n1,\"+a\"\n", b"a\nx;=1\n", b"a\nx|@a\n", "a\n＝1\n".encode(), b"a,b\n1\n", b"a\n\"x\x1b\"\n",
                        b"a\n  =1\n", b"a\n-a\n"]),
    (parsers.html, [page(text) for text in ("<script>", "<a href=x>y</a>", "<b>x</b>", "<p onclick=x>a</p>", "<!-- x -->", "</div>", "<?x?>",
                                            "\u202e", "<p class='a\"b<'>x</p>")]),
    (parsers.markdown, [report(text) for text in ("[x](http://a)", "![x](y)", "http://a.example/", "www.a.example", "a@b.example", "<b>", "*a*",
                                                  "`a`", "~~a~~", "@team", "#12", "\x1b")]
     + [b"# a\n\n# b\n", b"# a\n\n- # b\n", b"# a\n\n- > b\n", b"# a\n\n- 1. b\n", b"# a\n\n-     code\n", b"# a\n\n---\n", b"# a\n\n```\nx\n```\n"]),
    (parsers.pagerduty, [body(text) for text in ("<!channel>", "<http://a|b>", "[x](http://a)", "![x](y)", "http://a.example", "www.a.example",
                                                 "@here", "a\nb", "a\u202eb", "a\x1bb")]),
    (parsers.metrics, [b'tidewatch_a{a="b"} 1\nforged 1\n', b'tidewatch_a{a="\\n"} 1\n', b'tidewatch_a{a="b', 'tidewatch_a{a="\x9b"} 1\n'.encode()]),
]
TAKEN = [
    (parsers.terminal, ["a \\u{1B} é日👩\n".encode()]),
    (lambda data: parsers.terminal(data, colours=True), [b"\x1b[31mOPEN\x1b[0m\n"]),
    (parsers.json_lines, [b'{"a":"\\u001b\\ufffd"}\n{"b":1}\n']),
    (parsers.text_log, [b"2026-01-15T09:00:00Z warning a reason=\"\\nforged\"\n"]),
    (parsers.csv_rows, [b"a,b\r\n'=1,-5\r\n-,\"x,'=1\"\r\n"]),
    (parsers.html, [page("&lt;script&gt; &amp;amp;")]),
    (parsers.markdown, [report(r"\<b\> \[x\](http\://a) www\.a `@`team \*a\*"), b"# t\n\n- \\# a\n"]),
    (parsers.pagerduty, [body("2 by ‹!channel› [x] (http[:]//a) ＠here a@b.example")]),
    (parsers.metrics, [b'tidewatch_a{a="\\"\\\\n"} 1\n']),
]


def check(outcome):
    for parse, samples in REFUSED:
        for sample in samples:
            try:
                parse(sample)
            except ValueError:
                continue
            outcome.expect(f"a parser takes {sample!r}", True, False)
    for parse, samples in TAKEN:
        for sample in samples:
            try:
                parse(sample)
            except ValueError as error:
                outcome.expect(f"a parser of {sample!r}", str(error), "")
    print(f"The parsers refuse {sum(len(samples) for _, samples in REFUSED)} samples of what acts")
