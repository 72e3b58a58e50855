# SPDX-License-Identifier: ISC
"""Mutants of C source: find where one is possible, name it, apply it.

The sources are KNF, so that the name and both braces of a function stand in
the first column.  A mutant is named by file, function and the lines that it
changes, not by line numbers, so that a list of them outlives other changes:

    src/daemon/path/limit.c limit_take
    -	if (bucket->tokens < 1)
    +	if (bucket->tokens <= 1)

White space and line breaks in the old lines do not matter.  The function is -
for what stands outside of all.
"""

import pathlib
import re

TOKEN = re.compile(r"""
    (?P<space>\s+|/\*.*?\*/|//[^\n]*|\\\n)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<number>0[xX][0-9a-fA-F]+[uUlL]*|\d+\.\d+|\d+[uUlL]*)
  | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
  | (?P<sign><<=|>>=|\.\.\.|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)
""", re.VERBOSE | re.DOTALL)

# Binary operators, which clang-format puts between spaces, and the others.
BINARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
          "&&": "||", "||": "&&", "+": "-", "-": "+", "*": "/", "/": "*",
          "%": "/", "<<": ">>", ">>": "<<", "&": "|", "|": "&", "^": "|",
          "+=": "-=", "-=": "+=", "|=": "&=", "&=": "|=", "<<=": ">>=",
          ">>=": "<<="}
UNARY = {"++": "--", "--": "++"}
LITERAL = {"true": "false", "false": "true"}

# What begins something other than a statement that can be left out.
NOT_REMOVED = frozenset(
    "if else for while do switch case default return sizeof struct union enum "
    "static const volatile register extern unsigned signed int char short "
    "long float double void bool assert va_list FILE".split())


class Token:
    """A piece of C that is neither white space nor a comment."""

    def __init__(self, match, spaced):
        self.kind = match.lastgroup
        self.text = match.group()
        self.start, self.end = match.span()
        self.spaced = spaced  # is there white space in front?


def tokenize(text, start=0, end=None):
    found, spaced = [], False
    for match in TOKEN.finditer(text, start, len(text) if end is None else end):
        if match.lastgroup == "space":
            spaced = True
        else:
            found.append(Token(match, spaced))
            spaced = False
    return found


class Function:
    """The name, and where the head, the body and its end are in the text."""

    def __init__(self, match):
        self.name = match["name"]
        self.type = match["type"]
        self.start, self.end = match.span()
        self.body = match.start("body")


FUNCTION = re.compile(
    r"^(?P<type>[^\n]*)\n(?P<name>(?!__)[A-Za-z_]\w*)\([^;{}]*?\)[^;{}]*?\n"
    r"(?P<body>\{\n.*?^\})$", re.MULTILINE | re.DOTALL)


def functions(text):
    return [Function(match) for match in FUNCTION.finditer(text)]


class Mutant:
    """One change; old and new are whole lines."""

    def __init__(self, path, function, old, new, reason=None):
        self.path, self.function = path, function
        self.old, self.new = old, new
        self.reason = reason  # why no unit test has to notice
        self.line = 0     # where it was found
        self.place = ""   # in the list

    def __str__(self):
        lines = [f"{self.path} {self.function}"]
        lines += ["-" + line for line in self.old.split("\n")]
        lines += ["+" + line for line in self.new.split("\n")]
        lines += ["= " + line for line in (self.reason or "").split("\n")
                  if line]
        return "\n".join(lines)

    def _places(self, text):
        """Where the old lines are in the text: the spans, normally one."""
        pieces = [(re.escape(token.text), token) for token in
                  tokenize(self.old)]
        pattern = pieces[0][0] if pieces else "(?!)"
        for (_, before), (piece, token) in zip(pieces, pieces[1:]):
            word = before.kind in ("word", "number") and \
                token.kind in ("word", "number")
            pattern += (r"\s+" if word else r"\s*") + piece
        # Not the end of a longer word, nor its beginning.
        pattern = rf"(?<!\w){pattern}(?!\w)" if pieces and \
            pieces[0][1].kind == "word" else pattern
        spans = [(0, len(text))]
        if self.function != "-":
            spans = [(one.start, one.end) for one in functions(text)
                     if one.name == self.function]
        return [found.span() for start, end in spans
                for found in re.compile(pattern).finditer(text, start, end)]

    def apply(self, text):
        """The mutated text, or None if the old lines are not there once."""
        places = self._places(text)
        if len(places) != 1:
            return None
        start, end = places[0]
        self.line = text.count("\n", 0, start) + 1
        return text[:start] + self.new.strip() + text[end:]

    def find(self, top):
        """(path, mutated text): also where the function has moved to."""
        place = pathlib.Path(top, self.path)
        if place.exists():
            text = self.apply(place.read_text(encoding="utf-8"))
            if text is not None:
                return self.path, text
        found = []
        for path in c_files(top):
            text = self.apply(
                pathlib.Path(top, path).read_text(encoding="utf-8"))
            if text is not None:
                found.append((path, text, self.line))
        if len(found) != 1:
            return None, None
        path, text, self.line = found[0]
        return path, text


def c_files(top):
    return sorted(str(path.relative_to(top))
                  for path in pathlib.Path(top, "src").rglob("*.c"))


def read_list(path):
    """The mutants of a list: blocks with an empty line between them."""
    mutants, block = [], []
    lines = pathlib.Path(path).read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines + [""], 1):
        if line and not line.startswith("#"):
            block.append(line)
        elif not line and block:
            mutants.append(_parse(block, f"{path}:{number - len(block)}"))
            block = []
    return mutants


def _parse(block, place):
    by_sign = {"-": [], "+": [], "=": []}
    for line in block[1:]:
        if line[0] not in by_sign:
            raise SystemExit(f"{place}: neither - nor + nor =: {line}")
        by_sign[line[0]].append(line[1:])
    head = block[0].split()
    if len(head) != 2 or not by_sign["-"] or not by_sign["+"]:
        raise SystemExit(f"{place}: not FILE FUNCTION, lines with - and +")
    mutant = Mutant(head[0], head[1], "\n".join(by_sign["-"]),
                    "\n".join(by_sign["+"]),
                    "\n".join(one.strip() for one in by_sign["="]) or None)
    mutant.place = place
    return mutant


# -- where a mutant is possible --


def mutants_of(path, text):
    """All mutants of a file, in the order of their places."""
    found, outside = [], 0
    for function in functions(text):
        found += _constants_outside(path, text, outside, function.start)
        outside = function.end
        for start, end, new in _edits(text, function):
            found.append(_mutant(path, text, function, (start, end, new)))
    found += _constants_outside(path, text, outside, len(text))
    return [mutant for mutant in found if mutant is not None]


def _mutant(path, text, function, edit):
    """Name an edit by as many lines as make it unique."""
    start, end, new = edit
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    low, high = (function.body, function.end) if function else (0, len(text))
    for turn in range(6):
        mutant = Mutant(path, function.name if function else "-",
                        text[first:last],
                        text[first:start] + new + text[end:last])
        if mutant.apply(text) is not None:
            mutant.line = text.count("\n", 0, start) + 1
            return mutant
        if turn % 2 == 0 and last < high:
            last = text.find("\n", last + 1)
        elif first > low:
            first = text.rfind("\n", 0, first - 1) + 1
    return None


def _number_edits(token):
    digits = token.text.rstrip("uUlL")
    suffix = token.text[len(digits):]
    if "." in digits or (len(digits) > 1 and digits[0] == "0" and
                         digits[1] not in "xX"):
        return
    value = int(digits, 0)
    form = "{:#x}{}" if digits[:2] in ("0x", "0X") else "{}{}"
    yield token.start, token.end, form.format(value + 1, suffix)
    if value > 1:
        yield token.start, token.end, form.format(value - 1, suffix)


def _constants_outside(path, text, start, end):
    """Numbers and truths in #define and in tables."""
    found = []
    pattern = re.compile(
        r"^#define[ \t]+\w+[ \t]+(?P<a>(?:[^\n\\]|\\\n)*)$"
        r"|^(?:static )?const [^;{(]*= (?P<b>\{.*?^\};)",
        re.MULTILINE | re.DOTALL)
    for match in pattern.finditer(text, start, end):
        group = "a" if match["a"] is not None else "b"
        for token in tokenize(text, *match.span(group)):
            edits = []
            if token.kind == "number":
                edits = _number_edits(token)
            elif token.text in LITERAL:
                edits = [(token.start, token.end, LITERAL[token.text])]
            found += [_mutant(path, text, None, edit) for edit in edits]
    return found


def _edits(text, function):
    """(start, end, new text) of each possible mutant of a function."""
    tokens = [token for token in tokenize(text, function.body, function.end)]
    skipped = _skipped(text, tokens)
    edits = []
    for i, token in enumerate(tokens[:-1]):
        if token.start not in skipped:
            edits += _token_edits(tokens, i)
            edits += _condition_edits(text, tokens, i)
            if token.text == "return" and "bool" in function.type.split():
                edits += _return_edits(text, tokens, i)
    edits += [edit for edit in _removals(tokens)
              if edit[0] not in skipped]
    return sorted(edits)


def _skipped(text, tokens):
    """Where tokens start that stay: in directives, assertions, sizes."""
    skipped = set()
    for i, token in enumerate(tokens):
        first = text.rfind("\n", 0, token.start) + 1
        line = text[first:text.find("\n", token.start)].strip()
        if line.startswith("#") or line.startswith("assert("):
            skipped.add(token.start)
        elif token.kind == "number" and tokens[i - 1].text == "[" and \
                re.match(r"(static|const|struct|char|u?int\w*|unsigned|"
                         r"size_t|long)\b", line):
            skipped.add(token.start)
    return skipped


def _token_edits(tokens, i):
    token, following = tokens[i], tokens[i + 1]
    if token.text in BINARY and token.spaced and following.spaced:
        yield token.start, token.end, BINARY[token.text]
    elif token.text in UNARY:
        yield token.start, token.end, UNARY[token.text]
    elif token.text in LITERAL:
        yield token.start, token.end, LITERAL[token.text]
    elif token.kind == "number":
        yield from _number_edits(token)


def _closing(tokens, i):
    """The index of what closes the parenthesis at i."""
    depth = 0
    for j in range(i, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[j].text, 0)
        if depth == 0:
            return j
    return i


def _condition_edits(text, tokens, i):
    if tokens[i].text in ("if", "while") and tokens[i + 1].text == "(":
        last = _closing(tokens, i + 1)
        signs = [token.text for token in tokens[i + 1:last]]
        # A lone comparison is negated by its operator.
        if ("==" in signs or "!=" in signs) and \
                not {"&&", "||"}.intersection(signs):
            return
        start, end = tokens[i + 1].start, tokens[last].end
        yield start, end, "(!" + text[start:end] + ")"


def _return_edits(text, tokens, i):
    end = next(j for j in range(i, len(tokens)) if tokens[j].text == ";")
    if end - i > 1 and tokens[i + 1].text not in LITERAL:
        start, stop = tokens[i + 1].start, tokens[end].start
        yield start, stop, "!(" + text[start:stop] + ")"


def _removals(tokens):
    """Statements that can be left out: calls, assignments, jumps."""
    begins, ternary = True, False
    i = 0
    while i < len(tokens):
        token = tokens[i]
        ternary = not begins and (ternary or token.text == "?")
        if begins and token.kind == "word" and \
                not _is_declaration(tokens, i):
            end = next((j for j in range(i, len(tokens))
                        if tokens[j].text in ";{}"), None)
            if end is not None and tokens[end].text == ";" and end > i:
                yield token.start, tokens[end].end, ";"
        begins = token.text in (";", "{", "}", "else", "do") or \
            (token.text == ":" and not ternary)
        if token.text in ("if", "for", "while", "switch") and \
                tokens[i + 1].text == "(":
            i = _closing(tokens, i + 1)
            begins = True
        i += 1


def _is_declaration(tokens, i):
    following = tokens[i + 1]
    if tokens[i].text == "return":
        return following.text != ";"
    if tokens[i].text in NOT_REMOVED or following.text == ":":
        return True
    if tokens[i].text == "goto":
        return False
    return following.kind == "word" or \
        (following.text == "*" and not tokens[i + 2].spaced)
