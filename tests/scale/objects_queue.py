"""Kills the consumer of a queue, the way to the queue and the daemon at random moments, and counts what became of the
messages. Run by `tests/scale/objects queue`; what is said in objects.py of moto and of the gate holds here too."""
import argparse
import base64
import collections
import hashlib
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import boto3

import objects
import objects_pages

CONSUMER = objects.ROOT / "packaging" / "examples" / "queue" / "dehusk-queue"

# How long a message that was taken stays hidden from others: as long as a killed consumer delays it.
HIDDEN_SECONDS = 3

TEXT = {"DataType": "String", "StringValue": "yes"}


def send(queue, pages):
    """Sends the pages, every third one in base64; gives names of files with what they have to hold."""
    sent = {}
    for number, page in enumerate(pages):
        packed = number % 3 == 0
        body = base64.b64encode(page).decode() if packed else page.decode()
        answer = queue.send_message(MessageBody=body, MessageAttributes={"base64": TEXT} if packed else {})
        sent[hashlib.sha256(answer["MessageId"].encode()).hexdigest()] = page
    return sent


def is_over(queue, spool, wanted):
    queue.reload()
    counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    waiting = sum(int(queue.attributes[count]) for count in counts)
    return waiting == 0 and len(list((spool / "outbox").glob("*.txt"))) >= wanted and not any(
        path for name in ("inbox", "work", "tmp") for path in (spool / name).iterdir() if path.name != ".dehusk.lock")


def expected(dehusk, folder, sent):
    (folder / "given").mkdir()
    for name, page in sent.items():
        (folder / "given" / f"{name}.page").write_bytes(page)
    command = [dehusk, "clean", folder / "given", "--out", folder / "made", "--config", folder / "dehusk.toml"]
    subprocess.run(command, check=True, cwd=folder)
    return {path.name: path.read_bytes() for path in (folder / "made").iterdir()}


def trial(options, folder):
    """Gives kills by what was killed, and faults."""
    chance = random.Random(options.seed)
    ports = objects.free_port(), objects.free_port()
    objects.write_settings(folder)
    store, parts, kills = objects.start_moto(ports[0], folder), {}, collections.Counter()
    try:
        queue = boto3.resource("sqs", **objects.access(ports[0])).create_queue(
            QueueName="pages", Attributes={"VisibilityTimeout": str(HIDDEN_SECONDS)})
        spool = folder / "spool"
        around = objects.surroundings(
            QUEUE=f"http://127.0.0.1:{ports[1]}/123456789012/pages", SPOOL=str(spool), AWS_DEFAULT_REGION="us-east-1",
            AWS_ENDPOINT_URL=f"http://127.0.0.1:{ports[1]}", AWS_ACCESS_KEY_ID="trial", AWS_SECRET_ACCESS_KEY="trial")
        gate = [sys.executable, objects.__file__, "--gate", str(ports[1]), str(ports[0])]
        daemon = [options.dehusk, "run", "--config", folder / "dehusk.toml"]
        for name, command in (("gate", gate), ("daemon", daemon), ("consumer", [sys.executable, CONSUMER])):
            parts[name] = objects.Part(name, command, folder / f"{name}.log", lambda: 0.3, cwd=folder, env=around)
        pages = [objects_pages.page(number, chance.randint(3, 60), chance) for number in range(options.pages)]
        sent = {}
        while pages or kills.total() < options.kills:
            taken, pages = pages[:10], pages[10:]
            sent.update(send(queue, taken))
            time.sleep(chance.uniform(0.5, 4))
            done = parts[chance.choice(("consumer", "consumer", "gate", "daemon"))].kill(chance)
            kills.update([done] if done else [])
        deadline = time.monotonic() + objects.END_SECONDS
        while not is_over(queue, spool, len(sent)) and time.monotonic() < deadline:
            time.sleep(1)
    finally:
        for part in parts.values():
            part.stop()
        os.killpg(store.pid, signal.SIGKILL)
        store.wait()
    there = {path.name: path.read_bytes() for path in (spool / "outbox").glob("*.txt")}
    wanted = expected(options.dehusk, folder, sent)
    faults = [name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name)]
    return kills, faults + list(spool.glob("failed/*"))


def main():
    parser = argparse.ArgumentParser(prog="tests/scale/objects queue")
    parser.add_argument("--dehusk", type=pathlib.Path, required=True)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.dehusk = options.dehusk.resolve()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="dehusk-queue-"))
    started = time.monotonic()
    kills, faults = trial(options, folder)
    print(f"{options.pages} messages; seed {options.seed}, {time.monotonic() - started:.0f} s")
    for doing, count in sorted(kills.items()):
        print(f"killed {count:3}: {doing}")
    for fault in faults[:20]:
        print("FAULT", fault)
    print(f"{len(faults)} faults" + (f"; kept: {folder}" if faults else ""))
    if not faults:
        shutil.rmtree(folder)
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
