# SPDX-License-Identifier: Apache-2.0
"""Networks that fail: a relay of connections that stalls and cuts them, and one of calls that loses, delays and repeats
them."""

import concurrent.futures
import random
import selectors
import socket
import threading
import time

import grpc


class Cutter:
    """Relays TCP connections to a target; holds up data for a while, and now and then cuts a connection."""

    def __init__(self, target, seed, stall=0.02, life=2.0):
        host, _, port = target.rpartition(":")
        self.target = (host, int(port))
        self.random = random.Random(seed)
        self.stall, self.life = stall, life
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.cut = 0
        self.open = True
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while self.open:
            try:
                near, _ = self.listener.accept()
                far = socket.create_connection(self.target)
            except OSError:
                continue
            threading.Thread(target=self._relay, args=(near, far), daemon=True).start()

    def _relay(self, near, far):
        end = time.monotonic() + self.random.expovariate(1 / self.life)
        with near, far, selectors.DefaultSelector() as selector:
            selector.register(near, selectors.EVENT_READ, far)
            selector.register(far, selectors.EVENT_READ, near)
            try:
                while time.monotonic() < end:
                    for key, _ in selector.select(0.05):
                        data = key.fileobj.recv(1 << 16)
                        if not data:
                            return
                        if self.random.random() < 0.1:
                            time.sleep(self.random.random() * self.stall)
                        key.data.sendall(data)
            except OSError:
                return
            self.cut += 1

    def close(self):
        self.open = False
        self.listener.close()


class Repeater(grpc.GenericRpcHandler):
    """Hands unary calls on to a target: loses some before they get there, loses some answers, delays some, and sends some
    twice, at once or one after the other."""

    def __init__(self, target, seed):
        self.random = random.Random(seed)
        self.channel = grpc.insecure_channel(target)
        self.server = grpc.server(concurrent.futures.ThreadPoolExecutor(64))
        self.server.add_generic_rpc_handlers((self,))
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.counts = {"lost": 0, "answer lost": 0, "delayed": 0, "repeated": 0}
        self.server.start()

    def service(self, details):
        method = self.channel.unary_unary(details.method)
        return grpc.unary_unary_rpc_method_handler(lambda request, context: self._call(method, request, context))

    def _happens(self, what, chance):
        happens = self.random.random() < chance
        self.counts[what] += happens
        return happens

    def _call(self, method, request, context):
        if self._happens("lost", 0.03):
            context.abort(grpc.StatusCode.UNAVAILABLE, "lost on the way")
        if self._happens("delayed", 0.03):
            time.sleep(self.random.random() * 0.05)
        calls = [method.future(request, timeout=60)]
        if self._happens("repeated", 0.05):
            if self.random.random() < 0.5:
                calls[0].exception()
            calls.append(method.future(request, timeout=60))
        answer = self.random.choice(calls)
        for call in calls:
            call.exception()
        if self._happens("answer lost", 0.03):
            context.abort(grpc.StatusCode.UNAVAILABLE, "the answer was lost on the way")
        if answer.exception() is not None:
            context.set_trailing_metadata(tuple(answer.exception().trailing_metadata() or ()))
            context.abort(answer.exception().code(), answer.exception().details())
        return answer.result()

    def close(self):
        self.server.stop(None)
        self.channel.close()
