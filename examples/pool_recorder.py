#!/usr/bin/env python3
"""Records a small worker pool in Python, in the format of spec/TRACE.md; the trace goes to standard output.

    python3 examples/pool_recorder.py | raddle judge -
    python3 examples/pool_recorder.py --lossy | raddle judge -     # with a bug: the last words of workers are lost
"""

import queue
import sys
import threading
import time

from recorder import Recorder

CAPACITY = 2


class Pool:
    """Threads that send values up through one queue, and take orders from a queue each."""

    def __init__(self, recorder, lossy):
        self.recorder, self.lossy = recorder, lossy
        self.up, self.workers = queue.Queue(CAPACITY), []

    def execute(self, name, work):
        down = queue.Queue()
        thread = threading.Thread(target=self.run, args=(name, work, down), name=f"thread-{name}")

        def start():
            thread.start()
            self.workers.append((thread, down))
            return "done", {}

        self.recorder.call("execute", start, worker=name)

    def run(self, name, work, down):
        """The thread of a worker: its closure, and the drops of what it has."""
        self.recorder.event("enter", "work", worker=name)
        work(Worker(self, name, down))
        for handle in ("drop_receiver", "drop_sender"):
            self.recorder.call(handle, lambda: ("done", {}), worker=name)
        self.recorder.event("leave", "done")

    def recv(self):
        return self.recorder.call("recv", lambda: ("value", {"value": self.up.get()}))

    def stop_and_join(self):
        def stop():
            for _, down in self.workers:
                down.put("stop")
            values = []
            while any(thread.is_alive() for thread, _ in self.workers):
                values += self.taken()
                time.sleep(0.001)
            if not self.lossy:  # The bug: what was sent after the last look is forgotten.
                values += self.taken()
            return "values", {"values": values}

        return self.recorder.call("stop_and_join", stop)

    def taken(self):
        values = []
        while not self.up.empty():
            values.append(self.up.get())
        return values


class Worker:
    def __init__(self, pool, name, down):
        self.pool, self.name, self.down, self.sent = pool, name, down, 0

    def send(self):
        value, self.sent = f"{self.name}-{self.sent}", self.sent + 1

        def put():
            self.pool.up.put(value)
            return "sent", {}

        self.pool.recorder.call("send", put, worker=self.name, value=value)

    def recv(self):
        return self.pool.recorder.call("recv_down", lambda: ("message", {"message": self.down.get()}), worker=self.name)


def work(worker):
    for _ in range(6):
        worker.send()
    worker.recv()  # It is told to stop.
    worker.send()


def main():
    sys.setswitchinterval(1e-5)  # Threads take turns often, so that calls overlap.
    pool = Pool(Recorder(sys.stdout, system="pool", capacity=CAPACITY), "--lossy" in sys.argv[1:])
    for name in "ab":
        pool.execute(name, work)
    for _ in range(8):
        pool.recv()
    pool.stop_and_join()


if __name__ == "__main__":
    main()
