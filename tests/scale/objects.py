"""Kills everything around an object store at random moments, and counts what became of its pages.

Run by tests/scale/objects, which brings what this needs. The store is moto's, in memory, so it stays alive; what is
killed in its place is the one way to it, a gate that all bytes go through, in the middle of requests and answers.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import boto3

import objects_pages

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECIPE = ROOT / "packaging" / "examples" / "object-store"
BUCKET = "corpus"

# Most bytes that the gate hands on at a time, and in a second for each connection: slow enough for kills in mid-page.
GATE_BYTES, GATE_BYTES_A_SECOND = 16 * 1024, 300_000

# What the scripts do in turn: a kill waits a while for one of these, as some are over in no time. None: at any time.
MOMENTS = {"fetch": ("lsf", "copy", "copy", "check", "move", None), "push": ("copy", "copy", "copy", "check", None)}
MOMENT_SECONDS_MAX = 5

# How long after the beginning of its moment a kill comes, at most: of copying, the most is asking what is there already.
COPY_SECONDS_MAX, OTHER_SECONDS_MAX = 3, 0.5

# How long the gate stays shut after a kill, at most: now and then longer than rclone is patient.
GATE_SHUT_SECONDS_MAX = 4

# How long the stand-in may take to start.
START_SECONDS = 240

# How long the work may take to end by itself once nothing is killed any more.
END_SECONDS = 300

# Recipes with a fault, by which the trial itself is tried: what is replaced in which script. All kills are aimed at the
# downloading or sending of that script then.
FAULTS = {
    # Takes for whole whatever lies there, as one does who trusts the downloading program's exit alone.
    "half": ("dehusk-fetch", 'in_batch "$place/keys" check --one-way --match "$place/checked" "$raw" "$arriving" ||',
             'find "$arriving" -type f -printf "%P\\n" > "$place/checked" ||'),
    # Puts aside what it tried to send, without asking whether it came there.
    "unverified": ("dehusk-push", 'move "$place/arrived" "$leaving" "$sent"', 'move "$place/sending" "$leaving" "$sent"'),
}


def gate(port, store_port):
    """Hands bytes to and fro between those who connect and the store."""
    def hand_on(source, sink):
        try:
            while data := source.recv(GATE_BYTES):
                sink.sendall(data)
                time.sleep(len(data) / GATE_BYTES_A_SECOND)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    listener = socket.create_server(("127.0.0.1", port), backlog=64)
    while True:
        client, _ = listener.accept()
        store = socket.create_connection(("127.0.0.1", store_port))
        for ends in ((client, store), (store, client)):
            threading.Thread(target=hand_on, args=ends, daemon=True).start()


def free_port():
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def start_moto(port, folder):
    """Starts the stand-in for the store and the queue, and waits until it answers."""
    log = open(folder / "store.log", "wb")
    server = pathlib.Path(sys.executable).parent / "moto_server"
    process = subprocess.Popen(
        [server, "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log, start_new_session=True)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/", timeout=5).close()
            return process
        except OSError:
            if time.monotonic() > deadline or process.poll() is not None:
                process.kill()
                raise
            time.sleep(0.2)


def access(port):
    """What boto3 is given to reach the stand-in."""
    return {"endpoint_url": f"http://127.0.0.1:{port}", "region_name": "us-east-1", "aws_access_key_id": "trial",
            "aws_secret_access_key": "trial"}


def surroundings(**more):
    """The environment of what is started. What is set for other stores is none of this one's."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "RCLONE_"))}
    return {**plain, **more}


def write_settings(folder):
    """The daemon's configuration."""
    # Kills of the daemon are attempts at pages; here they are many.
    (folder / "dehusk.toml").write_text(
        f"[spool]\nfolder = '{folder}/spool'\nafter-success = 'remove'\nattempts-max = 100\n"
        "[limits]\npage-seconds-max = 120\n")
    for name in ("inbox", "outbox", "failed"):
        (folder / "spool" / name).mkdir(parents=True)


class Part:
    """A program that is started again whenever it has ended, until it may rest."""

    def __init__(self, name, command, log, rest, **settings):
        self.name, self.command, self.rest, self.settings = name, command, rest, settings
        self.log = open(log, "ab")
        self.process, self.is_wanted, self.lock = None, True, threading.Lock()
        self.thread = threading.Thread(target=self.keep, daemon=True)
        self.thread.start()

    def keep(self):
        while self.start():
            self.process.wait()
            time.sleep(self.rest())

    def start(self):
        with self.lock:
            if self.is_wanted:
                self.process = subprocess.Popen(
                    self.command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True,
                    **self.settings)
            return self.is_wanted

    def below(self):
        """The process and those that it has started, with their command lines."""
        found, ids = {}, [self.process.pid]
        for process in ids:
            try:
                found[process] = pathlib.Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
                ids += map(int, pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split())
            except (OSError, ValueError):
                pass
        return found

    def inner(self):
        """The rclone that the script runs over a list or for one, and what it does: a process and a word, or nothing."""
        for process, line in self.below().items() if self.process is not None else ():
            if line[0].endswith(b"rclone") and (b"--files-from-raw" in line or line[1] == b"lsf"):
                return process, line[1].decode()
        return None, None

    def kill(self, chance, aim=None):
        """Kills all of it, or the script alone, or what the script runs; says what that was. None, if it rests. With an
        aim, which is a command of rclone's, what the script runs then."""
        moment = aim or chance.choice(MOMENTS.get(self.name, (None,)))
        deadline = time.monotonic() + MOMENT_SECONDS_MAX
        while moment and self.inner()[1] != moment and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, COPY_SECONDS_MAX if moment == "copy" else OTHER_SECONDS_MAX))
        inner, doing = self.inner()
        kind = "inner" if aim else chance.choice(("all", "script", "inner", "inner"))
        if not inner:
            kind = "all"
        try:
            if aim and not inner or self.process.poll() is not None:
                return None
            if kind == "all":
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                os.kill(inner if kind == "inner" else self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return None
        parts = {"all": "all of it", "script": "the script alone", "inner": "rclone alone"}[kind]
        return f"{self.name}, in rclone {doing}: {parts}" if inner else self.name

    def stop(self):
        with self.lock:
            self.is_wanted = False
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.thread.join()
        self.log.close()


class Trial:
    """A store, a spool, and all that works between them."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.chance = random.Random(options.seed)
        self.good, self.bad, self.left = objects_pages.pages(options.pages, options.seed)
        self.sidecars = objects_pages.sidecars()
        self.store_port, self.gate_port = free_port(), free_port()
        self.kills, self.parts = collections.Counter(), {}
        self.store_process = None
        self.settle()

    def settle(self):
        """The configuration of the daemon and of rclone, and the scripts."""
        write_settings(self.folder)
        (self.folder / "rclone.conf").write_text(
            f"[store]\ntype = s3\nprovider = Other\nendpoint = http://127.0.0.1:{self.gate_port}\n"
            "access_key_id = trial\nsecret_access_key = trial\nregion = us-east-1\nforce_path_style = true\n"
            "no_check_bucket = true\n")
        for name in ("dehusk-fetch", "dehusk-push"):
            shutil.copy(RECIPE / name, self.folder / name)
        if self.options.spoil:
            name, right, wrong = FAULTS[self.options.spoil]
            text = (self.folder / name).read_text()
            if right not in text:
                sys.exit(f"objects: {name} has changed; --spoil {self.options.spoil} no longer fits it")
            (self.folder / name).write_text(text.replace(right, wrong))

    def start_store(self):
        self.store_process = start_moto(self.store_port, self.folder)
        self.bucket = boto3.resource("s3", **access(self.store_port)).Bucket(BUCKET)
        self.bucket.create()

    def start_parts(self):
        around = surroundings(
            STORE=f"store:{BUCKET}", SPOOL=f"{self.folder}/spool", PLACE=f"{self.folder}/spool/objects", BATCH="40",
            SIDECARS="yes", RCLONE_CONFIG=f"{self.folder}/rclone.conf", RCLONE_RETRIES="1", RCLONE_LOW_LEVEL_RETRIES="1",
            RCLONE_CONTIMEOUT="5s", RCLONE_TIMEOUT="10s")
        gate_command = [sys.executable, __file__, "--gate", str(self.gate_port), str(self.store_port)]
        daemon = [self.options.dehusk, "run", "--config", self.folder / "dehusk.toml"]
        for name, command in (("gate", gate_command), ("daemon", daemon), ("fetch", [self.folder / "dehusk-fetch"]),
                              ("push", [self.folder / "dehusk-push"])):
            shut = GATE_SHUT_SECONDS_MAX if name == "gate" else 0.3
            self.parts[name] = Part(name, command, self.folder / f"{name}.log", lambda shut=shut: random.uniform(0, shut),
                                    cwd=self.folder, env=around)

    def run(self):
        """Pages come in while things are killed; then everything may end."""
        self.start_store()
        coming = {**self.good, **self.bad, **self.left}
        keys = sorted(coming)
        self.chance.shuffle(keys)
        for key, data in self.sidecars.items():
            self.bucket.put_object(Key=f"raw/{key}", Body=data)
        self.start_parts()
        kills = 0
        # A script with a fault may be out of work before it was killed so often.
        deadline = time.monotonic() + END_SECONDS
        while keys or kills < self.options.kills and (not self.options.spoil or time.monotonic() < deadline):
            for _ in range(min(len(keys), self.chance.randint(0, 10))):
                key = keys.pop()
                self.bucket.put_object(Key=f"raw/{key}", Body=coming[key])
            time.sleep(self.chance.uniform(0.05, 1.2))
            if kills < self.options.kills:
                done = self.kill()
                self.kills.update([done] if done else [])
                kills += bool(done)
        deadline = time.monotonic() + END_SECONDS
        while not self.is_over() and time.monotonic() < deadline:
            time.sleep(1)

    def kill(self):
        if self.options.spoil:
            return self.parts[FAULTS[self.options.spoil][0].removeprefix("dehusk-")].kill(self.chance, "copy")
        return self.parts[self.chance.choice(("fetch", "fetch", "push", "push", "gate", "daemon"))].kill(self.chance)

    def is_over(self):
        waiting = {key for key in self.keys("raw/") if key not in self.left}
        return not waiting and not self.local_files() and len(self.keys("failed/")) >= len(self.bad)

    def local_files(self):
        """Files that are still on their way on this machine."""
        spool = self.folder / "spool"
        places = [spool / name for name in ("inbox", "work", "tmp", "outbox", "objects/arriving", "objects/leaving")]
        return [path for place in places for path in place.rglob("*")
                if path.is_file() and path.name != ".dehusk.lock"]

    def keys(self, prefix):
        return [found.key.removeprefix(prefix) for found in self.bucket.objects.filter(Prefix=prefix)]

    def objects(self, prefix):
        return {found.key.removeprefix(prefix): found.get()["Body"].read()
                for found in self.bucket.objects.filter(Prefix=prefix)}

    def expected(self):
        """What `dehusk clean` makes of the pages."""
        given, made = self.folder / "given", self.folder / "made"
        for key, data in self.good.items():
            path = given / f"{key}.page"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        for key, data in self.sidecars.items():
            (given / (key.removesuffix(".meta.toml") + ".page.meta.toml")).write_bytes(data)
        # Those beginning with a dot are not listed, and there are none among them.
        command = [self.options.dehusk, "clean", given, "--out", made, "--config", self.folder / "dehusk.toml"]
        subprocess.run(command, check=True, cwd=self.folder)
        return {key: (made / f"{key}.txt").read_bytes() for key in self.good}

    def faults(self):
        """Everything that is not as it has to be."""
        taken = {**self.good, **self.bad, **self.sidecars}
        texts = {f"{key}.txt": text for key, text in self.expected().items()}
        raw, away, clean, failed = (self.objects(f"{prefix}/") for prefix in ("raw", "taken", "clean", "failed"))
        metadata = {key: clean.pop(key) for key in list(clean) if key.endswith(".meta.json")}
        reasons = {f"{key}.page.reason.json" for key in self.bad}
        found = []

        def compare(what, wanted, there):
            found.extend(f"{what}: {key!r} is missing" for key in wanted.keys() - there.keys())
            found.extend(f"{what}: {key!r} is too many" for key in there.keys() - wanted.keys())
            found.extend(f"{what}: {key!r} has other bytes" for key in wanted.keys() & there.keys() if wanted[key] != there[key])

        compare("left in raw", self.left, raw)
        compare("taken", taken, away)
        compare("texts", texts, clean)
        compare("metadata", dict.fromkeys(f"{key}.meta.json" for key in self.good), dict.fromkeys(metadata))
        compare("reasons", dict.fromkeys(reasons), dict.fromkeys(failed))
        found.extend(f"metadata: {key!r} can't be read" for key, data in metadata.items() if not is_json(data))
        found.extend(f"still on this machine: {path}" for path in self.local_files())
        return found

    def stop(self):
        for name in ("fetch", "push", "daemon", "gate"):
            if name in self.parts:
                self.parts[name].stop()
        if self.store_process is not None:
            os.killpg(self.store_process.pid, signal.SIGKILL)
            self.store_process.wait()


def is_json(data):
    try:
        return isinstance(json.loads(data), dict)
    except ValueError:
        return False


def main():
    parser = argparse.ArgumentParser(prog="tests/scale/objects")
    parser.add_argument("--dehusk", type=pathlib.Path, required=True)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--spoil", choices=sorted(FAULTS))
    parser.add_argument("--keep", action="store_true", help="leave the folder of the trial")
    options = parser.parse_args()
    options.dehusk = options.dehusk.resolve()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dehusk-objects-"))
    trial = Trial(options, folder)
    started = time.monotonic()
    try:
        trial.run()
        for name in ("fetch", "push", "daemon"):
            trial.parts[name].stop()
        faults = trial.faults()
    finally:
        trial.stop()
    print(f"{len(trial.good)} pages, {len(trial.bad)} that can't be cleaned, {len(trial.left)} that have to stay; "
          f"seed {options.seed}, {time.monotonic() - started:.0f} s")
    for doing, count in sorted(trial.kills.items()):
        print(f"killed {count:3}: {doing}")
    for fault in faults[:20]:
        print("FAULT", fault)
    print(f"{len(faults)} faults")
    if options.keep or faults and not options.spoil:
        print(f"kept: {folder}")
    else:
        shutil.rmtree(folder)
    if options.spoil:
        print("the fault was noticed" if faults else "the fault was NOT noticed")
    sys.exit(bool(faults) != bool(options.spoil))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--gate"]:
        gate(int(sys.argv[2]), int(sys.argv[3]))
    main()
