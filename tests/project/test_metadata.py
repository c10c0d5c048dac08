"""The metadata for public catalogues, installers and lawyers."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from urllib.parse import urlsplit

import needs
import pytest
import yaml

import wfs_proxy
from wfs_proxy.settings import Settings

PUBLICCODE = yaml.safe_load((needs.ROOT / "publiccode.yml").read_text())
PROJECT = tomllib.loads((needs.ROOT / "pyproject.toml").read_text())["project"]
LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-dev.lock")


def test_publiccode_has_the_mandatory_keys():
    """Those of version 0.4 of the standard, https://yml.publiccode.tools/schema.core.html."""
    assert PUBLICCODE["publiccodeYmlVersion"] == "0.4"
    assert {"name", "url", "platforms", "developmentStatus", "softwareType", "releaseDate"} <= set(PUBLICCODE)
    assert PUBLICCODE["developmentStatus"] in {"concept", "development", "beta", "stable", "obsolete"}
    assert PUBLICCODE["softwareType"] == "standalone/backend"
    assert date.fromisoformat(PUBLICCODE["releaseDate"])
    assert PUBLICCODE["maintenance"]["type"] == "community"
    assert all(contact["name"] for contact in PUBLICCODE["maintenance"]["contacts"])
    assert PUBLICCODE["localisation"]["localisationReady"] is True


@pytest.mark.parametrize("language", ["en", "nl"])
def test_publiccode_describes_within_the_standard_lengths(language: str):
    description = PUBLICCODE["description"][language]

    assert len(description["genericName"]) <= 35
    assert len(description["shortDescription"]) <= 150
    assert 150 <= len(description["longDescription"]) <= 10_000
    assert description["features"]


def test_metadata_agree_with_each_other():
    assert PUBLICCODE["softwareVersion"] == wfs_proxy.__version__
    assert PUBLICCODE["legal"]["license"] == PROJECT["license"] == "EUPL-1.2"
    assert PROJECT["requires-python"].startswith(f">={PUBLICCODE['dependsOn']['open'][0]['versionMin']},")
    assert set(PUBLICCODE["localisation"]["availableLanguages"]) == set(PUBLICCODE["description"])


def test_licence_is_whole():
    text = (needs.ROOT / "LICENSE").read_text()

    assert "EUROPEAN UNION PUBLIC LICENCE v. 1.2" in text
    assert re.findall(r"^(\d+)\. ", text, flags=re.MULTILINE) == [str(article) for article in range(1, 16)]
    assert "Compatible Licences" in text


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_file_pins_by_hash_and_names_no_index(lock: str):
    text = (needs.ROOT / lock).read_text()
    packages = re.split(r"^(?=[a-z])", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE), flags=re.MULTILINE)[1:]

    assert packages
    assert [package for package in packages if not re.match(r"\S+==\S+ .*--hash=sha256:", package, re.DOTALL)] == []
    assert "://" not in text
    assert "-index" not in text


def test_lock_files_agree_with_each_other_and_cover_the_dependencies():
    pinned = r"^([\w.-]+)==(\S+)(?: ; python_full_version < '3.12')? \\$"
    running, building, developing = (
        dict(re.findall(pinned, (needs.ROOT / lock).read_text(), flags=re.MULTILINE)) for lock in LOCKS
    )
    wanted = {re.match(r"[\w.-]+", requirement)[0] for requirement in PROJECT["dependencies"]}

    assert wanted - set(running) == {"uvloop"}, "uvloop is for some platforms only"
    assert {name: pin for name, pin in (running | building).items() if developing.get(name) != pin} == {}


def test_deployments_agree_with_the_image():
    dockerfile = (needs.ROOT / "Dockerfile").read_text()
    port = int(re.search(r"^EXPOSE (\d+)$", dockerfile, flags=re.MULTILINE)[1])
    user = int(re.search(r"^USER (\d+)$", dockerfile, flags=re.MULTILINE)[1])
    compose = yaml.safe_load((needs.ROOT / "deploy" / "compose.yaml").read_text())["services"]["wfs-proxy"]
    deployment, service = yaml.safe_load_all((needs.ROOT / "deploy" / "kubernetes.yaml").read_text())
    pod = deployment["spec"]["template"]
    (container,) = pod["spec"]["containers"]

    assert compose["ports"] == [f"{port}:{port}"]
    assert compose["volumes"] == ["../layers:/layers:ro", "cache:/cache"]
    assert (needs.ROOT / "deploy" / compose["build"] / "Dockerfile").exists()
    assert container["ports"] == [{"name": service["spec"]["ports"][0]["targetPort"], "containerPort": port}]
    assert container["volumeMounts"][0]["mountPath"] == "/layers"
    assert pod["spec"]["securityContext"]["runAsUser"] == user
    assert service["spec"]["selector"] == pod["metadata"]["labels"]
    assert compose["read_only"] is container["securityContext"]["readOnlyRootFilesystem"] is True


def test_several_machines_use_the_redis_that_is_deployed():
    services = yaml.safe_load((needs.ROOT / "deploy" / "compose.redis.yaml").read_text())["services"]
    environment = services["wfs-proxy"]["environment"]
    settings = Settings.from_environment(
        {name: value.replace("${REDIS_PASSWORD:?}", "geheim") for name, value in environment.items()}
    )

    assert urlsplit(settings.redis_url).hostname in services
    assert services["wfs-proxy"]["depends_on"] == ["redis"]
