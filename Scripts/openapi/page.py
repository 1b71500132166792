"""Opens the documentation page in headless Chromium, through the pipe of its DevTools protocol, and checks what it shows.

Arguments: the browser, a folder for its profile, the URL of the page.
"""

import json
import os
import subprocess
import sys

browser, profile, url = sys.argv[1:]


class Page:
    """A tab of a browser, of which the process is the child of this one."""

    def __init__(self):
        command_read, self.commands = os.pipe()
        self.replies, reply_write = os.pipe()

        def connect():
            # The protocol uses the file descriptors 3 and 4, to which the pipes may already belong.
            os.dup2(command_read, 10)
            os.dup2(reply_write, 11)
            os.dup2(10, 3)
            os.dup2(11, 4)

        self.process = subprocess.Popen(
            [browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--no-proxy-server", "--disable-background-networking", "--disable-extensions", "--disable-sync",
             "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", f"--user-data-dir={profile}",
             "--remote-debugging-pipe", "about:blank"],
            preexec_fn=connect, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(command_read)
        os.close(reply_write)
        self.buffer = b""
        self.number = 0
        self.session = None
        self.events = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def receive(self):
        while b"\0" not in self.buffer:
            data = os.read(self.replies, 1 << 16)
            if not data:
                raise SystemExit("Chromium has stopped")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            reply = self.receive()
            if reply.get("id") == self.number:
                if "error" in reply:
                    raise SystemExit(f"{method}: {reply['error']}")
                return reply["result"]
            self.events.append(reply)

    def value(self, script):
        """The value of a JavaScript expression. A promise is awaited."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise SystemExit(f"{script}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def wait(self, condition):
        """Waits until an expression is true, for at most ten seconds."""
        return self.value(
            "new Promise((done) => { const start = Date.now(); const poll = () => { let value; try { value = (" + condition
            + "); } catch { value = false; } if (value || Date.now() - start > 10000) done(Boolean(value)); else setTimeout(poll, 20); };"
            " poll(); })")


failures = 0


def expect(text, is_true):
    global failures
    print(f"     {'ok' if is_true else 'FAILED'}: {text}")
    failures += not is_true


page = Page()
try:
    print("Chromium: the documentation page")
    page.call("Page.navigate", url=url)
    expect("operations are listed", page.wait("document.querySelectorAll('main details').length > 10"))
    expect("every field has a label", page.wait(
        "(() => { document.querySelectorAll('main details').forEach((details) => { details.open = true; });"
        " return document.querySelectorAll('form').length === document.querySelectorAll('main details').length; })()")
        and page.value("[...document.querySelectorAll('input, select, textarea')].every((field) => field.labels.length === 1)"))
    expect("identifiers are unique", page.value(
        "(() => { const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);"
        " return new Set(ids).size === ids.length; })()"))
    upload = page.value(
        "(() => { const form = [...document.querySelectorAll('form')].find((form) => form.querySelector('select')"
        " && [...form.querySelectorAll('option')].some((option) => option.textContent === 'multipart/form-data'));"
        " if (!form) return null; const type = form.querySelector('select[id$=\"-type\"]'); type.value = 'text/csv';"
        " type.dispatchEvent(new Event('change')); return form.querySelector('textarea').value; })()")
    if upload is not None:
        expect("a body of CSV has an example", "\n" in upload and not upload.startswith(("{", "[")))
    # Sends the request of the first list, and shows status and header fields.
    page.value("document.querySelector('main details form').requestSubmit()")
    expect("a request shows its status", page.wait("document.querySelector('.status').textContent.startsWith('200')"))
    expect("and its header fields", page.value(
        "[...document.querySelectorAll('[role=status] th')].some((cell) => cell.textContent === 'etag')"))
    expect("text of the API is not parsed as HTML", page.value(
        "(() => { const cell = element('p', {}, '<img src=x>'); return cell.children.length === 0; })()"))
    page.value("eval; document.head.append(Object.assign(document.createElement('script'), { textContent: 'window.injected = 1' }))")
    expect("the policy blocks other scripts", page.value("window.injected === undefined"))
    page.value("0")
    origin = url.rsplit("/", 1)[0]
    requests = [event["params"]["request"]["url"] for event in page.events if event.get("method") == "Network.requestWillBeSent"]
    expect(f"all {len(requests)} requests go to the server", all(
        address.startswith(origin) or address.startswith("data:") for address in requests))
    errors = [event["params"] for event in page.events if event.get("method") == "Runtime.exceptionThrown"]
    expect("no script failed", not errors)
finally:
    page.process.terminate()
    page.process.wait()
sys.exit(1 if failures else 0)
