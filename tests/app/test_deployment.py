"""The unit and the proxies of the documents: what they must say, and what their own programs say of them."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.app import proxies

OPERATING = Path(__file__).parents[2] / "docs" / "operating"
UNIT = OPERATING / "systemd" / "open-outcry.service"
NGINX, CADDY = OPERATING / "proxy" / "nginx.conf", OPERATING / "proxy" / "Caddyfile"


def test_the_unit_is_hardened_and_waits_until_the_venue_is_ready() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(UNIT)
    service = unit["Service"]
    wanted = {"Type": "notify", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "Restart": "on-failure"}
    assert {name: service[name] for name in wanted} == wanted
    data = re.search(r"--data (\S+)", service["ExecStart"])
    assert data is not None
    assert service["ReadWritePaths"] == data[1]
    assert int(service["LimitNOFILE"]) >= 65_536
    assert "WatchdogSec" in service


def test_systemd_finds_no_fault_with_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze here")
    # The program it names is not there, so another one stands in for it.
    text = UNIT.read_text().replace("/opt/open-outcry/bin/outcry", shutil.which("true") or "/bin/true")
    (tmp_path / "open-outcry.service").write_text(text)
    told = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / "open-outcry.service"], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "")


def test_the_proxy_upgrades_sockets_and_rewrites_nothing() -> None:
    text = NGINX.read_text()
    assert text.count("{") == text.count("}")
    assert re.findall(r"proxy_pass (\S+);", text) == ["http://open_outcry"] * 2
    assert "rewrite" not in re.sub(r"#.*", "", text)
    for words in ("Upgrade $http_upgrade", "$proxy_add_x_forwarded_for", "Strict-Transport-Security", "limit_req"):
        assert words in text
    assert "reverse_proxy 127.0.0.1:8080" in CADDY.read_text()
    assert "Strict-Transport-Security" in CADDY.read_text()


def test_the_proxies_would_take_them() -> None:
    assert proxies.nginx_faults(NGINX.read_text()) == []
    assert proxies.caddy_faults(CADDY.read_text()) == []


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ("keepalive 64;", "keepalive 64", "`keepalive 64` does not end before a brace"),
        ("proxy_next_upstream off;", "proxy_next_upstream off", "`proxy_next_upstream` has 3 words"),
        ('includeSubDomains" always;', "includeSubDomains always;", "a quotation that does not end"),
        ("keepalive 64;\n}", "keepalive 64;\n", "a brace is open"),
        ("    location / {", "    }\n    location / {", "not known in `http`|closes nothing"),
        ("proxy_buffering off;", "proxy_bufering off;", "`proxy_bufering` is not known in `server`"),
        ("proxy_set_header Host $host;", "proxy_set_header Host;", "`proxy_set_header` has 1 words"),
        ("limit_req  zone=open_outcry_requests burst", "limit_req  zone=requests burst", "no zone=requests is made"),
        ("limit_conn open_outcry_lines", "limit_conn lines", "no zone=lines is made"),
        ("proxy_pass http://open_outcry;", "proxy_pass http://outcry;", "no upstream for http://outcry"),
        ("$open_outcry_connection;", "$connection_upgrade;", r"nobody knows \$connection_upgrade"),
        ("location / {\n        proxy_pass http://open_outcry;\n    }", "location /;", "with braces, or without"),
    ],
)
def test_what_nginx_would_refuse_is_found(good: str, bad: str, fault: str) -> None:
    text = NGINX.read_text()
    assert good in text
    assert re.search(fault, "; ".join(proxies.nginx_faults(text.replace(good, bad, 1))))


@pytest.mark.parametrize(
    ("good", "bad", "fault"),
    [
        ("lb_retries 0", "lb_retrys 0", "`lb_retrys` is not known in `reverse_proxy`"),
        ("max_size 4MB\n\t}", "max_size 4MB\n", "a brace is open"),
        ("dial_timeout 2s", "dial_timeout", "`dial_timeout` has 0 words"),
        ('includeSubDomains"', "includeSubDomains", "a quotation that does not end"),
    ],
)
def test_what_caddy_would_refuse_is_found(good: str, bad: str, fault: str) -> None:
    text = CADDY.read_text()
    assert good in text
    assert re.search(fault, "; ".join(proxies.caddy_faults(text.replace(good, bad, 1))))


def test_nginx_takes_it_where_it_is(tmp_path: Path) -> None:
    nginx = shutil.which("nginx")
    if nginx is None or shutil.which("openssl") is None:
        pytest.skip("there is no nginx here, or no openssl: only our own reading of nginx.conf was tried")
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=x -keyout key.pem -out certificate.pem"
    subprocess.run(command.split(), cwd=tmp_path, capture_output=True, check=True)
    (tmp_path / "venue.conf").write_text(NGINX.read_text().replace("/etc/ssl/open-outcry", str(tmp_path)))
    places = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\naccess_log off;\n{places}include venue.conf;\n}}\n"
    (tmp_path / "nginx.conf").write_text(main)
    told = subprocess.run([nginx, "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr


def test_caddy_takes_it_where_it_is() -> None:
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("there is no caddy here: only our own reading of the Caddyfile was tried")
    command_of = [caddy, "validate", "--adapter", "caddyfile", "--config", str(CADDY)]
    told = subprocess.run(command_of, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
