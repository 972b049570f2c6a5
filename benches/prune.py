#!/usr/bin/env python3
"""How long pruning a million dead rows keeps others from the writer of a SQLite file.

    python3 benches/prune.py [--binary target/release/latchkey] [--rows 1000000]

Makes a file with expired grants, refresh tokens and revocations, and a tenth as many expired grants that a token still
points to; starts the server on it, and meanwhile asks for opaque tokens, each of which is a write. Prints what the server
says of the run and the latencies of those requests. Needs nothing but Python 3 and the binary.
"""

import argparse, base64, json, os, re, secrets, socket, sqlite3, subprocess, tempfile, time, urllib.parse, urllib.request

PAST, FUTURE = "2020-01-01 00:00:00+00:00", "2100-01-01 00:00:00+00:00"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--binary", default="target/release/latchkey")
    options.add_argument("--rows", type=int, default=1_000_000)
    options = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(os.path.abspath(options.binary), options.rows, folder)


def run(binary, rows, folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = f"{folder}/latchkey.sqlite"
    env = {
        "LATCHKEY_ISSUER": f"http://127.0.0.1:{port}",
        "LATCHKEY_SERVER__LISTEN": f"127.0.0.1:{port}",
        "LATCHKEY_DATABASE__URL": f"sqlite:{path}",
        "LATCHKEY_SECRETS__MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "LATCHKEY_LOG__LEVEL": "warn,latchkey::services::operation::prune=debug",
    }
    call = lambda *words: subprocess.run([binary, *words], env=env, check=True, capture_output=True, text=True).stdout
    call("migrate")
    made = json.loads(call("clients", "create", "--json", "--name", "Load", "--grant", "client_credentials",
                           "--access-token-format", "opaque"))
    fill(path, made["client_id"], rows)
    with open(f"{folder}/log", "w+") as log:
        server = subprocess.Popen([binary, "serve"], env=env, stderr=log)
        try:
            latencies = ask(f"http://127.0.0.1:{port}/token", made, lambda: open(f"{folder}/log").read())
        finally:
            server.terminate()
            server.wait()
        print(next(line for line in open(f"{folder}/log") if "expired rows deleted" in line).strip())
    latencies.sort()
    count = len(latencies)
    print(f"{count} writes meanwhile: median {latencies[count // 2] * 1e3:.1f} ms, "
          f"p99 {latencies[count * 99 // 100] * 1e3:.1f} ms, longest {latencies[-1] * 1e3:.1f} ms")
    print(f"the file has {os.path.getsize(path) >> 20} MiB")


def fill(path, client, rows):
    database = sqlite3.connect(path)
    database.execute("PRAGMA synchronous = OFF")
    user = secrets.token_bytes(16)
    database.execute("INSERT INTO users (id, status, email_verified, administrator, claims, created_at, updated_at) "
                     "VALUES (?, 'active', 0, 0, '{}', ?, ?)", (user, PAST, PAST))
    def grants(count, token_ends):
        ids = [secrets.token_bytes(16) for _ in range(count)]
        database.executemany(
            "INSERT INTO grants (id, client_id, user_id, offline, scope, authenticated_at, methods, created_at, expires_at) "
            "VALUES (?, ?, ?, 1, 'openid offline_access', ?, 'pwd', ?, ?)",
            ((id, client, user, PAST, PAST, f"2020-01-01 00:{n % 60:02}:{n % 59:02}.{n % 1000000:06}+00:00")
             for n, id in enumerate(ids)))
        database.executemany(
            "INSERT INTO refresh_tokens (hash, grant_id, generation, created_at, expires_at) VALUES (?, ?, 0, ?, ?)",
            ((secrets.token_bytes(32), id, PAST, token_ends) for id in ids))
    grants(rows * 4 // 10, PAST)
    grants(rows // 10, FUTURE)
    database.executemany("INSERT INTO revoked_tokens (id, revoked_at, expires_at) VALUES (?, ?, ?)",
                         ((secrets.token_urlsafe(32), PAST, PAST) for _ in range(rows * 2 // 10)))
    database.commit()
    database.close()


def ask(url, client, log):
    body = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
    basic = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    latencies, begun = [], time.monotonic()
    while "expired rows deleted" not in log() and time.monotonic() - begun < 1800:
        for _ in range(20):
            request = urllib.request.Request(url, body, {"Authorization": f"Basic {basic}"})
            start = time.monotonic()
            try:
                urllib.request.urlopen(request).read()
                latencies.append(time.monotonic() - start)
            except urllib.error.URLError as error:
                if time.monotonic() - begun > 5:
                    raise error
                time.sleep(0.05)
    return latencies


main()
