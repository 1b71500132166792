"""Prints the rows of a table of an HTML document, with a bar between the cells: table-rows.py FILE ID"""

import sys
from html.parser import HTMLParser


class Rows(HTMLParser):
    def __init__(self, name):
        super().__init__()
        self.name, self.is_inside, self.rows, self.is_cell = name, False, [], False

    def handle_starttag(self, tag, attributes):
        if dict(attributes).get("id") == self.name:
            self.is_inside = True
        elif self.is_inside and tag == "tr":
            self.rows.append([])
        elif self.is_inside and tag == "td":
            self.rows[-1].append("")
            self.is_cell = True

    def handle_endtag(self, tag):
        if tag == "td":
            self.is_cell = False
        elif tag in ("table", "tbody"):
            self.is_inside = False

    def handle_data(self, data):
        if self.is_inside and self.is_cell:
            self.rows[-1][-1] += data


parser = Rows(sys.argv[2])
with open(sys.argv[1], encoding="utf-8") as file:
    parser.feed(file.read())
for row in parser.rows:
    print("|".join(row))
