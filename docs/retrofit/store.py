#!/usr/bin/python3
"""A small store, as it may have been there for years: its own users, sessions and carts,
in its own tables. Two things were added for Cartline: the NOTIFY in add() and of
/sign-out, and /whoami. Needs Python 3 and python3-psycopg2.  Run it: ./store.py postgres://… 8000
"""
import hashlib, html, http.cookies, http.server, json, pathlib, secrets, sys, urllib.parse
import psycopg2

TABLES = """
CREATE TABLE IF NOT EXISTS users (name text PRIMARY KEY, salt text, password text, team text);
CREATE TABLE IF NOT EXISTS sessions (id text PRIMARY KEY, name text REFERENCES users,
                                     expires timestamptz DEFAULT now() + interval '8 hours');
CREATE TABLE IF NOT EXISTS carts (owner text PRIMARY KEY REFERENCES users, items jsonb DEFAULT '{}');
"""
GATEWAY = sys.argv[3] if len(sys.argv) > 3 else "ws://localhost:8080/events/io"


def sql(statement, **values):
    """Does one statement, or several, in a transaction of their own; returns the rows."""
    connection = psycopg2.connect(sys.argv[1])
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def scrypt(password, salt):
    return hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), n=2**14, r=8, p=1).hex()


def add_user(name, password, team):
    salt = secrets.token_hex(16)
    sql("INSERT INTO users VALUES (%(name)s, %(salt)s, %(password)s, %(team)s) ON CONFLICT DO NOTHING",
        name=name, salt=salt, password=scrypt(password, salt), team=team)


class Store(http.server.BaseHTTPRequestHandler):
    def session(self):
        """Returns the name, team and end of the session of whoever asks, or None."""
        cookie = http.cookies.SimpleCookie(self.headers.get("Cookie", "")).get("store_session")
        rows = sql("SELECT name, team, expires, id FROM sessions JOIN users USING (name)"
                   " WHERE id = %(id)s AND expires > now()", id=cookie.value) if cookie else []
        return rows[0] if rows else None

    def do_GET(self):
        who = self.session()
        if self.path == "/whoami":  # for Cartline
            if who is None:
                return self.answer(401)
            return self.answer(200, "application/json", json.dumps(
                {"user": who[0], "roles": [who[1]], "expires": who[2].isoformat()}))
        if self.path == "/live.js":
            return self.answer(200, "text/javascript", pathlib.Path(__file__).with_name("live.js").read_text())
        if self.path != "/":
            return self.answer(404)
        if who is None:
            return self.page('<form method="post" action="/sign-in"><input name="name" placeholder="name" autocomplete="username">'
                             '<input name="password" type="password" placeholder="password" autocomplete="current-password"><button>Sign in</button></form>')
        items = sql("SELECT items FROM carts WHERE owner = %(owner)s", owner=who[0])
        lines = "".join(f"<li>{html.escape(item)}: {count}</li>" for item, count in (items[0][0] if items else {}).items())
        live = ('<h2>Live carts</h2><p id="state">…</p><ol id="live"></ol><script src="/live.js"></script><script>'
                'const list = document.getElementById("live"), state = document.getElementById("state");'
                f'listen({json.dumps(GATEWAY)}, "cart_activity", {{'
                ' event(cart) { list.append(Object.assign(document.createElement("li"), { textContent: `${cart.owner}: `'
                ' + Object.entries(cart.items).map(([item, count]) => `${count} × ${item}`).join(", ") })) },'
                ' missed() { list.replaceChildren() }, state(text) { state.textContent = text } })</script>'
                ) if who[1] == "sales" else ""
        self.page(f'<p>Signed in as <b>{html.escape(who[0])}</b></p><form method="post" action="/sign-out"><button>Sign out</button>'
                  '</form><form method="post" action="/add"><input name="item" placeholder="item"><button>Add</button></form>'
                  f'<ul id="cart">{lines}</ul>{live}')

    def do_POST(self):
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 10_000)).decode()
        form = {name: values[0] for name, values in urllib.parse.parse_qs(body).items()}
        who, cookie = self.session(), None
        if self.path == "/sign-in":
            rows = sql("SELECT salt, password FROM users WHERE name = %(name)s", name=form.get("name", ""))
            if not rows or not secrets.compare_digest(scrypt(form.get("password", ""), rows[0][0]), rows[0][1]):
                return self.answer(403, "text/plain", "Wrong name or password.\n")
            cookie = secrets.token_urlsafe()
            sql("INSERT INTO sessions (id, name) VALUES (%(id)s, %(name)s)", id=cookie, name=form["name"])
        elif self.path == "/sign-out" and who:
            sql("DELETE FROM sessions WHERE id = %(id)s; SELECT pg_notify('cartline_sessions', %(name)s)", id=who[3], name=who[0])
        elif self.path == "/add" and who:
            self.add(who[0], form.get("item", "")[:100])
        self.send_response(303)
        self.send_header("Location", "/")
        if cookie:
            self.send_header("Set-Cookie", f"store_session={cookie}; HttpOnly; SameSite=Lax; Path=/")
        self.end_headers()

    def add(self, owner, item):
        sql("""
            INSERT INTO carts VALUES (%(owner)s, jsonb_build_object(%(item)s::text, 1)) ON CONFLICT (owner) DO UPDATE
                SET items = carts.items || jsonb_build_object(%(item)s::text, coalesce((carts.items->>%(item)s)::int, 0) + 1);
            SELECT pg_notify('cart_activity', jsonb_build_object('owner', owner, 'items', items)::text)
                FROM carts WHERE owner = %(owner)s
            """, owner=owner, item=item)

    def page(self, content):
        self.answer(200, "text/html; charset=utf-8", f'<!doctype html><html lang="en"><title>Store</title><link rel="icon" href="data:,"><h1>Store</h1>{content}')

    def answer(self, status, kind="text/plain", text=""):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(text.encode())


if __name__ == "__main__":
    sql(TABLES)
    add_user("carl", "carl's secret", "customer")
    add_user("ann", "ann's secret", "sales")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Store)
    print(f"The store listens on http://localhost:{server.server_port}", flush=True)
    server.serve_forever()
