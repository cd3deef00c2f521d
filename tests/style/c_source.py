# SPDX-License-Identifier: LGPL-2.1-or-later
"""Finds the functions of C source text, without a compiler."""

import re
from collections import namedtuple

LITERAL = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)
CONTROL = ("if", "while", "for", "switch", "do")

Function = namedtuple("Function", "name line length static nesting documented")


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def blank_literals(text):
    """Comments, and what stands in strings and character constants, become blanks."""
    def blank(match):
        found = match.group(0)
        keep = 1 if found[0] in "\"'" else 0
        inner = re.sub(r"[^\n]", " ", found[keep:len(found) - keep])
        return found[:keep] + inner + found[len(found) - keep:]

    return LITERAL.sub(blank, text)


def blank_directives(code):
    return re.sub(r"(?m)^[ \t]*#(?:[^\n]*\\\n)*[^\n]*",
                  lambda m: re.sub(r"[^\n]", " ", m.group(0)), code)


def closing(code, start):
    """The place of the bracket that closes the one at @start."""
    depth = 0
    for place in range(start, len(code)):
        depth += (code[place] in "({[") - (code[place] in ")}]")
        if depth == 0:
            return place
    return len(code) - 1


def opening(code, end):
    """The place of the bracket that the one at @end closes."""
    depth = 0
    for place in range(end, -1, -1):
        depth += (code[place] == ")") - (code[place] == "(")
        if depth == 0:
            return place
    return 0


def find_functions(text, code):
    """Every function with a body: outer braces that follow a closing parenthesis."""
    code = blank_directives(code)
    end = -1
    while (start := code.find("{", end + 1)) >= 0:
        before = code[end + 1:start].rstrip()
        offset, end = end + 1, closing(code, start)
        if not before.endswith(")"):
            continue
        name = re.search(r"(\w+)\s*$", before[:opening(before, len(before) - 1)])
        if name is None or name.group(1).startswith("__"):
            continue
        # A declaration has no empty line, and comments are blank here.
        declared = max([m.end() for m in re.finditer(r"\n[ \t]*(?=\n)|;", before[:name.start()])],
                       default=0)
        comment = text[:offset + declared].rstrip().rpartition("/*")[2]
        line = line_of(code, offset + name.start())
        yield Function(name.group(1), line, line_of(code, end) - line + 1,
                       re.search(r"\bstatic\b", before[declared:name.start()]) is not None,
                       nesting(re.findall(r"\w+|[^\s\w]", code[start:end + 1])),
                       comment.startswith("*") and text[:offset + declared].rstrip().endswith("*/"))


def nesting(tokens):
    """How deep the control statements of a body stand in one another."""
    return parse_statement(tokens, 0)[1]


def parse_statement(tokens, i):
    """Returns (the place after the statement at @i, its depth)."""
    if i >= len(tokens):
        return i, 0
    if tokens[i] == "{":
        depth, i = 0, i + 1
        while i < len(tokens) and tokens[i] != "}":
            i, inner = parse_statement(tokens, i)
            depth = max(depth, inner)
        return i + 1, depth
    if tokens[i] in CONTROL:
        return parse_control(tokens, i)
    return skip_expression(tokens, i), 0


def parse_control(tokens, i):
    keyword, i = tokens[i], i + 1
    if keyword != "do":
        i = closing(tokens, i) + 1
    i, depth = parse_statement(tokens, i)
    depth += 1
    if keyword == "do":
        i = skip_expression(tokens, i)
    elif keyword == "if" and i < len(tokens) and tokens[i] == "else":
        chained = i + 1 < len(tokens) and tokens[i + 1] == "if"
        i, other = parse_statement(tokens, i + 1)
        depth = max(depth, other if chained else other + 1)
    return i, depth


def skip_expression(tokens, i):
    """Past the next semicolon, or the colon of a label."""
    is_label = tokens[i:i + 1] in (["case"], ["default"])
    while i < len(tokens) and tokens[i] != ";" and not (is_label and tokens[i] == ":"):
        i = closing(tokens, i) + 1 if tokens[i] in "({[" else i + 1
    return i + 1
