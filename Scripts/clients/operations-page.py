"""Imports files with the page of operations in a browser, and prints one fact per line.

operations-page.py URL FOLDER CSV BROWSER [ARGUMENT ...]
"""

import os
import re
import sys
import time

from devtools import Page

url, folder, source, *command = sys.argv[1:]


def fact(name, value):
    print(f"{name} {value}", flush=True)


def write(name, header, rows):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.writelines([header, *rows])
    return path


with open(source, encoding="utf-8") as file:
    header, *rows = file.readlines()
# With other identifiers, the cities of the example are new.
rows = [f"{int(row.split(',', 1)[0]) + 2_000_000_000},{row.split(',', 1)[1]}" for row in rows if ",," not in row]
broken = [re.sub(r",\d+,(-?\d+\.)", r",many,\1", row, count=1) for row in rows[:3]]
page = Page(command, 60)


def counts():
    cells = page.value("[...document.querySelectorAll('#counts td')].map(cell => cell.textContent)")
    return ",".join(f"{name}={count}" for name, count in zip(cells[::2], cells[1::2]) if count != "0")


def import_file():
    page.click("#start")
    page.wait("document.querySelector('#start').disabled || document.querySelector('#problem').textContent !== ''")
    page.wait("!document.querySelector('#start').disabled")


try:
    page.open(url)
    fact("title", page.text("h1"))

    page.choose("#file", write("first.csv", header, [*broken, *rows[3:1000]]))
    import_file()
    fact("first.state", page.text("#state"))
    fact("first.percentage", page.text("#percentage"))
    fact("first.counts", counts())
    fact("first.failures", page.value("document.querySelectorAll('#errors tr').length"))
    fact("first.failure", page.value(
        "[...document.querySelectorAll('#errors tr:first-child td')].slice(0, 3).map(cell => cell.textContent).join('|')"))

    page.send("Page.setDownloadBehavior", behavior="allow", downloadPath=folder)
    page.click("#download")
    downloads = []
    while not downloads:
        page.value("0")
        time.sleep(0.02)
        downloads = [name for name in os.listdir(folder) if name.endswith("-failed.csv")]
    with open(os.path.join(folder, downloads[0]), encoding="utf-8", newline="") as file:
        failed_header, *failed = file.read().splitlines(keepends=True)
    fact("download.rows", len(failed))

    mended = write("mended.csv", failed_header, [row.replace(",many,", ",5000,") for row in failed])
    page.drop("#drop", mended)
    import_file()
    fact("mended.name", page.text("#title"))
    fact("mended.state", page.text("#state"))
    fact("mended.counts", counts())

    page.choose("#file", write("large.csv", header, rows[1000:31000]))
    page.click("#start")
    page.wait("document.querySelector('#state').textContent === 'Running'")
    fact("large.detail", re.sub(r"\d[\d.,]*", "N", page.text("#detail")))
    page.click("#cancel")
    page.wait("!document.querySelector('#start').disabled")
    fact("large.state", page.text("#state"))
    fact("list", page.value("document.querySelectorAll('#list tr').length"))

    page.value("document.querySelector('#token').value = 'bob-secret'")
    import_file()
    fact("refused", page.text("#problem"))
    for problem in page.problems:
        fact("problem", problem)
    fact("problems", len(page.problems))
finally:
    page.close()
