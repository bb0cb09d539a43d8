"""The folder of files on web servers as people have them."""

from __future__ import annotations

import subprocess
import time
import urllib.request
from functools import cache

from conftest import TODAY
from ours import library
from proofs import kept
from running import free_port

from service.serving.static_site import files
from service.web.app import create_app
from service.web.settings import Settings

NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/errors warn;
events {{}}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{ listen 127.0.0.1:{port}; root {site}; include {site}/servers/nginx.conf; }}
}}
"""
APACHE = """
ServerRoot {folder}
ServerName localhost
PidFile {folder}/apache.pid
ErrorLog {folder}/errors
Listen 127.0.0.1:{port}
{modules}
TypesConfig /etc/mime.types
DocumentRoot {site}
<Directory {site}>
    Require all granted
</Directory>
Include {site}/servers/apache.conf
"""
MODULES = "mpm_event authn_core authz_core dir mime headers"


EXIT = "https://www.knmi.nl/"


@cache
def built():
    """The folder as it is shipped: made once for all processes that test it."""
    made_of = ("rules", "content", "service", "requirements", "tests/conftest.py", "tests/folders.py")

    def make():
        settings = Settings(exit=EXIT)
        return files(create_app(library(), settings=settings, today=lambda: TODAY), settings)

    return kept("folder", made_of, make)


def written(folder, made):
    for name, body in made.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    return folder


class Started:
    """A program that serves the folder, and its address."""

    def __init__(self, command, port):
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.address = f"http://127.0.0.1:{port}"
        for _ in range(100):
            assert self._process.poll() is None, self._process.stdout.read().decode()
            try:
                urllib.request.urlopen(self.address, timeout=5).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError

    def stop(self):
        self._process.terminate()
        self._process.communicate(timeout=20)


def start(kind, folder, site, port=None):
    """A web server with our sample for it, and with nothing of ours behind it: `nginx` or `apache`."""
    port = port or free_port()
    if kind == "nginx":
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, site=site))
        return Started(["/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], port)
    modules = "\n".join(f"LoadModule {one}_module /usr/lib/apache2/modules/mod_{one}.so" for one in MODULES.split())
    (folder / "apache.conf").write_text(APACHE.format(folder=folder, port=port, site=site, modules=modules))
    return Started(["/usr/sbin/apache2", "-X", "-f", str(folder / "apache.conf")], port)
