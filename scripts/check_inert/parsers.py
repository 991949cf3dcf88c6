"""A parser for each kind of output, which raises `Active` at anything that is more than text."""

import csv
import io
import json
import re
import unicodedata
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from prometheus_client.parser import text_string_to_metric_families


class Active(ValueError):
    """Something in an output acts."""


def fail(what, text, place=0):
    raise Active(f"{what}: {text[max(0, place - 60):place + 60]!r}")


# Terminals -------------------------------------------------------------------------------------------------------------


def terminal(data, colours=False, returns=False):
    """A terminal that reads UTF-8, as ECMA-48 has it: text and ends of lines are shown, and anything else that it would do is
    reported. With `colours`, colours of the program's own may be set and ended; with `returns`, a line ends with CR LF."""
    text = data.decode("utf-8")  # What is no UTF-8 is what an old terminal takes for C1.
    end = 0
    for found in ACTIVE.finditer(text):
        place, character = found.start(), found.group()
        if place < end or character == "\n" or (character == "\r" and returns and text[place + 1:place + 2] == "\n"):
            continue
        colour = COLOUR.match(text, place) if colours else None
        if not colour:
            fail(f"U+{ord(character):04X}", text, place)
        end = colour.end()
    return text


# All that a terminal, or what lays text out, does not show.
ACTIVE = re.compile("[" + "".join(re.escape(chr(code)) for code in range(0x110000)
                                  if unicodedata.category(chr(code)) in ("Cc", "Cf", "Zl", "Zp", "Cs")) + "]")
COLOUR = re.compile("\x1b\\[(?:0|2|31|32|33|36)m")


# Logs and JSON ---------------------------------------------------------------------------------------------------------


def once(pairs):
    found = dict(pairs)
    if len(found) != len(pairs) and len(json.dumps(pairs)) < 500:
        raise Active(f"a member twice: {pairs}")
    return found


def refuse_constant(text):
    raise Active(f"no JSON: {text}")


def json_lines(data, unique=True):
    """Lines of JSON whose texts are Unicode, in characters that a terminal shows."""
    terminal(data)
    values = []
    for line in data.split(b"\n"):
        if not line:
            continue
        value = json.loads(line, parse_constant=refuse_constant, object_pairs_hook=once if unique else None)
        json.dumps(value, ensure_ascii=False).encode()  # Fails at half a surrogate pair.
        values.append(value)
    return values


LOG_LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z (trace|debug|info|notice|warning|error|critical) ")


def text_log(data):
    """Each line is one that the program began: no word `forged` follows a time and a level."""
    lines = terminal(data).splitlines()
    for line in lines:
        if not LOG_LINE.match(line) or re.match(r"\S+ \w+ forged", line):
            fail("a line that is none of the program's", line)
    return lines


# CSV -------------------------------------------------------------------------------------------------------------------

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?|[+-]")


def cell(text, line):
    if text.lstrip(" ")[:1] in tuple("=+-@\t\r＝＋－＠") and not NUMBER.fullmatch(text):
        fail("a formula", line, line.find(text))


def csv_rows(data):
    """Rows as wide as the header, no cell of which is computed, with whatever separator a program is set to."""
    text = terminal(data, returns=True)
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    for row in rows:
        if len(row) != len(rows[0]):
            fail("a row of another width", repr(row))
        for each in row:
            cell(each, each)
    for separator in ";\t|":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            for each in row:
                # Behind blanks, or a number and a comma, nothing is computed.
                if each[:1] != " " and not re.match(rf"({NUMBER.pattern}),", each):
                    cell(each, each)
    return rows


# HTML ------------------------------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """The elements that a report has, and the attributes of them."""
    ELEMENTS = {
        "html": {"lang"}, "head": set(), "meta": {"charset", "name", "content"}, "title": set(), "style": set(), "body": set(), "h1": set(),
        "p": set(), "div": {"class"}, "table": set(), "thead": set(), "tbody": set(), "tr": set(), "th": set(), "td": {"class"}, "br": set(),
        "small": set(), "footer": set(), "ul": set(), "li": set()}
    VOID = {"meta", "br"}

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.counts, self.texts = [], {}, []

    def handle_starttag(self, tag, attrs):
        if tag not in self.ELEMENTS or any(name not in self.ELEMENTS[tag] for name, _ in attrs):
            raise Active(f"<{tag} {attrs}>")
        if any(not re.fullmatch(r"[\w =.,-]*", value or "") for _, value in attrs):
            raise Active(f"<{tag} {attrs}>")
        self.counts[tag] = self.counts.get(tag, 0) + 1
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            raise Active(f"</{tag}>")

    def handle_data(self, data):
        if data.strip() and self.open[-1:] == ["td"]:
            self.texts.append(data)

    def handle_comment(self, data):
        raise Active(f"<!--{data}")

    def unknown_decl(self, data):
        raise Active(f"<![{data}")

    def handle_pi(self, data):
        raise Active(f"<?{data}")


def html(data):
    page = Page()
    page.feed(terminal(data))
    page.close()
    if page.open:
        raise Active(f"elements without an end: {page.open}")
    return page


# Markdown, and what is sent to people -----------------------------------------------------------------------------------

MARKDOWN = MarkdownIt("gfm-like")
MARKDOWN.linkify.add("//", None)
# GitHub links what has a scheme or begins with www., and addresses.
MARKDOWN.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
BLOCKS = {"heading", "paragraph", "bullet_list", "list_item", "table", "thead", "tbody", "tr", "th", "td"}
ADDRESS = re.compile(r"[\w.+-]@\w")
MENTION = re.compile(r"(?:^|[^\w`.-])[@#]\w")
# In source: `www\.` is none.
WWW = re.compile(r"(?i)(?<![a-z0-9])www\.[a-z0-9]")


def inline(token, markups):
    """The text of a line in which nothing is marked up."""
    text = ""
    for child in token.children:
        if child.type not in ("text", "softbreak") and child.type not in markups:
            fail(child.type, token.content)
        if child.type == "code_inline" and not re.fullmatch("[@#]+", child.content):
            fail("code", token.content)
        # Code is what keeps GitHub from looking for people.
        text += "`" if child.type == "code_inline" else child.content
    if MENTION.search(text):
        fail("a mention", token.content)
    if ADDRESS.search(text):
        fail("an address", token.content)
    return text


def markdown(data):
    """The cells of a report: one heading, one table, lists of text."""
    text = terminal(data)
    rows, headings = [], 0
    for token in MARKDOWN.parse(text):
        kind = re.sub("_(open|close)$", "", token.type)
        if kind == "inline":
            shown = inline(token, {"code_inline"})
            if rows and rows[-1] is not None:
                rows[-1].append(shown)
        elif kind not in BLOCKS:
            fail(kind, token.content or token.markup)
        headings += token.type == "heading_open"
        if token.type == "tr_open":
            rows.append([])
        if token.type == "table_close":
            rows.append(None)
    if headings != 1:
        raise Active(f"{headings} headings")
    if WWW.search(text):
        fail("www.", text, WWW.search(text).start())
    return [row for row in rows if row is not None]


def line(text):
    """One line of text for people, whatever it is about."""
    if "\n" in terminal(text.encode()):
        fail("a line's end", text)


def sentence(text):
    """One line in which nothing is marked up as Slack, GitHub or mail programs have it."""
    line(text)
    if re.search(r"<[!@#a-zA-Z/]|[<>]", text):
        fail("markup", text)
    if WWW.search(text):
        fail("www.", text)
    if re.search(r"(?:^|[^\w.-])@\w", text):
        fail("a mention", text)
    for token in MARKDOWN.parseInline(text):
        for child in token.children:
            if child.type in ("link_open", "image", "html_inline") and not (child.attrs or {}).get("href", "").startswith("mailto:"):
                fail(child.type, text)


def texts(value):
    """All texts of a JSON value, names of members too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from texts(each)


def pagerduty(data):
    body, = json_lines(data)
    for text in texts(body.get("payload", {})):
        sentence(text)
    return body


def webhook(data):
    body, = json_lines(data)
    alert = body["data"]
    for name in ("summary", "reason", "source"):
        sentence(alert[name])
    for text in texts(body):
        line(text)
    return body


# Metrics ---------------------------------------------------------------------------------------------------------------


def metrics(data):
    """All samples; whatever a label holds, there is one on each line."""
    text = terminal(data)
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    lines = [each for each in text.splitlines() if each and not each.startswith("#")]
    if len(samples) != len(lines) or any(not sample.name.startswith(("tidewatch_", "process_")) for sample in samples):
        raise Active(f"{len(samples)} samples on {len(lines)} lines")
    for sample in samples:
        for value in sample.labels.values():
            line(value)
    return samples
