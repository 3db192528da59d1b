"""The unit and the proxies of the documents: what they must say, and what their own programs say of them."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest

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


def test_nginx_and_caddy_take_them_where_they_are(tmp_path: Path) -> None:
    if shutil.which("nginx") is None and shutil.which("caddy") is None:
        pytest.skip("there is neither nginx nor caddy here")
    nginx, caddy = shutil.which("nginx"), shutil.which("caddy")
    if nginx is not None and shutil.which("openssl") is not None:
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
    if caddy is not None:
        command_of = [caddy, "validate", "--adapter", "caddyfile", "--config", str(CADDY)]
        told = subprocess.run(command_of, capture_output=True, text=True, check=False)
        assert told.returncode == 0, told.stderr
