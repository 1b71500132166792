"""A page in a headless Chromium, controlled through a pipe with its DevTools protocol."""

import json
import os
import select
import subprocess
import time


class Failure(Exception):
    pass


class Page:
    """Starts the browser with a command line, and opens an empty page."""

    def __init__(self, command, seconds):
        self.deadline = time.monotonic() + seconds
        to_browser, self.output = os.pipe()
        self.input, from_browser = os.pipe()

        def connect():
            # The browser reads from descriptor 3 and writes to 4. The copies cannot overwrite each other.
            reader, writer = os.dup(to_browser), os.dup(from_browser)
            os.dup2(reader, 3)
            os.dup2(writer, 4)

        self.process = subprocess.Popen(
            [*command, "--remote-debugging-pipe", "about:blank"], close_fds=False, preexec_fn=connect,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer = b""
        self.number = 0
        self.session = None
        self.problems = []
        targets = self.send("Target.getTargets")["targetInfos"]
        target = next(target["targetId"] for target in targets if target["type"] == "page")
        self.session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def close(self):
        self.session = None
        try:
            self.send("Browser.close")
            self.process.wait(10)
        except (Failure, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()

    def send(self, method, **parameters):
        """Sends a command and returns its result."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.output, json.dumps(message).encode() + b"\0")
        while True:
            reply = self.receive()
            if reply.get("id") == self.number:
                if "error" in reply:
                    raise Failure(f"{method}: {reply['error']['message']}")
                return reply["result"]

    def receive(self):
        while b"\0" not in self.buffer:
            left = self.deadline - time.monotonic()
            if left <= 0 or not select.select([self.input], [], [], left)[0]:
                raise Failure("the browser took too long")
            data = os.read(self.input, 1 << 16)
            if not data:
                raise Failure("the browser ended")
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(text)
        if message.get("method") == "Runtime.exceptionThrown":
            self.problems.append(message["params"]["exceptionDetails"]["text"])
        elif message.get("method") == "Log.entryAdded" and message["params"]["entry"]["source"] != "network":
            self.problems.append(message["params"]["entry"]["text"])
        return message

    def open(self, url):
        self.send("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def value(self, expression):
        """Returns the value of an expression of JavaScript."""
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise Failure(f"{expression}: {result['exceptionDetails']['text']}")
        return result["result"].get("value")

    def wait(self, expression):
        """Waits until an expression is true."""
        while not self.value(expression):
            time.sleep(0.02)

    def text(self, selector):
        return self.value(f"document.querySelector('{selector}').textContent")

    def click(self, selector):
        self.value(f"document.querySelector('{selector}').click()")

    def choose(self, selector, path):
        """Chooses a file in an input."""
        node = self.send("Runtime.evaluate", expression=f"document.querySelector('{selector}')")["result"]["objectId"]
        self.send("DOM.setFileInputFiles", files=[path], objectId=node)

    def drop(self, selector, path):
        """Drags a file over an element and drops it."""
        box = self.value(
            f"(box => ({{x: box.x + 10, y: box.y + 10}}))(document.querySelector('{selector}').getBoundingClientRect())")
        data = {"items": [], "files": [path], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.send("Input.dispatchDragEvent", type=kind, x=box["x"], y=box["y"], data=data)
