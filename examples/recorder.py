#!/usr/bin/env python3
"""Records a small WaitMap in Python under threads, in the format of spec/TRACE.md; the trace goes to standard output.

    python3 examples/recorder.py | raddle judge -
    python3 examples/recorder.py --lossy | raddle judge -     # with a bug: values are lost
"""

import json
import sys
import threading


class Recorder:
    """Writes calls early and returns late, under one lock, so that the order of the lines is real."""

    def __init__(self, out, **header):
        self.out = out
        self.lock = threading.Lock()
        self.write({"raddle_trace": 1, "end": "rest", **header})

    def write(self, line):
        with self.lock:
            self.out.write(json.dumps(line) + "\n")

    def event(self, kind, word, **fields):
        self.write({"actor": threading.current_thread().name, kind: word, **fields})

    def call(self, word, body, **fields):
        """Makes a call; `body` returns the word and the fields of its return."""
        self.event("call", word, **fields)
        word, result = body()
        self.event("return", word, **result)
        return word, result


class Mailbox:
    """A WaitMap: one wait for each key, woken with a value. `entries` holds an event and a list for the value."""

    def __init__(self, lossy):
        self.lock, self.entries, self.lossy = threading.Lock(), {}, lossy

    def register(self, key):
        with self.lock:
            return self.entries.setdefault(key, (threading.Event(), []))

    def wake(self, key, value):
        with self.lock:  # The bug: the wait stays in the map, and a second wake finds it again.
            entry = self.entries.get(key) if self.lossy else self.entries.pop(key, None)
        if entry is None:
            return "no_match", {"value": value}
        entry[1].append(value)
        entry[0].set()
        return "woke", {}

    def drop(self, key, entry):
        with self.lock:
            if self.entries.get(key) is entry:
                del self.entries[key]
        return "done", {}


def reader(recorder, mailbox, key, rounds):
    task = threading.current_thread().name
    for number in range(rounds):
        wait, entry = f"w{key}-{number}", None

        def poll():
            nonlocal entry
            entry = entry or mailbox.register(key)
            return ("ready", {"value": entry[1][0]}) if entry[1] else ("pending", {})

        recorder.call("wait", lambda: ("done", {}), wait=wait, key=key)
        while recorder.call("poll", poll, wait=wait, task=task)[0] == "pending":
            entry[0].wait()
        recorder.call("drop", lambda: mailbox.drop(key, entry), wait=wait)


def writer(recorder, mailbox, keys, done):
    number = 0
    while not done.is_set():
        value = f"{threading.current_thread().name}-{number}"
        recorder.call("wake", lambda: mailbox.wake(number % keys, value), key=number % keys, value=value)
        done.wait(0.0002)
        number += 1


def main():
    lossy, keys, rounds = "--lossy" in sys.argv[1:], 2, 50
    sys.setswitchinterval(1e-5)  # Threads take turns often, so that calls overlap.
    recorder = Recorder(sys.stdout, system="waitmap", omits=["wake", "drop_key", "drop_value"])
    mailbox, done = Mailbox(lossy), threading.Event()

    def strand(name, work, *arguments):
        return threading.Thread(target=work, args=(recorder, mailbox, *arguments), name=name)

    readers = [strand(f"reader-{key}", reader, key, rounds) for key in range(keys)]
    writers = [strand(f"writer-{number}", writer, keys, done) for number in range(2)]
    for thread in readers + writers:
        thread.start()
    for thread in readers:
        thread.join()
    done.set()
    for thread in writers:
        thread.join()


if __name__ == "__main__":
    main()
