"""What a deployer takes over: the manifests for Kubernetes and the unit for systemd."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from running import Nginx, Service, ask, closing, refused

from service.rulebook.library import KEY, RULEBASE
from service.serving.trial import LONGEST

ROOT = Path(__file__).parent.parent
SUPPLY = ROOT / "build" / "supply" / "bin"
IMAGE = (ROOT / "Dockerfile").read_text("utf-8")
NAME = {"app.kubernetes.io/name": "wegwijzer"}


@pytest.fixture(scope="module")
def text():
    """What a cluster is given, as kustomize puts it together."""
    build = [SUPPLY / "kubectl", "kustomize", ROOT / "deploy/kubernetes/example"]
    done = subprocess.run(build, capture_output=True, text=True, check=True)
    assert not done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def manifests(text):
    return {one["kind"]: one for one in yaml.safe_load_all(text)} | {"ConfigMap": named(text, "wegwijzer-")}


def named(text, name):
    """The ConfigMap whose name is this and the digest of what it holds."""
    maps = [one for one in yaml.safe_load_all(text) if one["kind"] == "ConfigMap"]
    (found,) = [one for one in maps if re.fullmatch(f"{name}[a-z0-9]{{10}}", one["metadata"]["name"])]
    return found


@pytest.fixture(scope="module")
def pod(manifests):
    return manifests["Deployment"]["spec"]["template"]["spec"]


@pytest.fixture(scope="module")
def container(pod):
    return next(one for one in pod["containers"] if one["name"] == "wegwijzer")


def test_the_manifests_keep_to_the_schemas_of_kubernetes(text, tmp_path):
    path = tmp_path / "all.yaml"
    path.write_text(text, "utf-8")
    done = subprocess.run([SUPPLY / "kubernetes-validate", "--strict", path], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_part_speaks_of_the_same_pods(manifests):
    pods = manifests["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert pods == NAME
    assert manifests["Deployment"]["spec"]["selector"]["matchLabels"] == NAME
    assert manifests["Service"]["spec"]["selector"] == NAME
    assert manifests["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == NAME
    assert manifests["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == NAME
    assert {one["metadata"].get("namespace", "wegwijzer") for one in manifests.values()} == {"wegwijzer"}


def test_the_pod_may_do_no_more_than_the_strictest_standard_allows(pod, container):
    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 65532,
        "runAsGroup": 65532,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert f"USER {pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}\n" in IMAGE
    for one in (*pod["initContainers"], *pod["containers"]):
        assert one["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert one["resources"]["limits"]["memory"]
    assert pod["automountServiceAccountToken"] is False
    assert {"/tmp", "/dev/shm"} == {one["mountPath"] for one in container["volumeMounts"]}
    assert all(one["emptyDir"]["medium"] == "Memory" for one in pod["volumes"] if "projected" not in one)


def test_the_probes_ask_what_the_service_answers_by_whatever_name_it_is_called(container, client):
    for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container[kind]["httpGet"]
        assert asked.keys() == {"path", "port"}
        assert client.get(asked["path"], headers={"Host": "10.1.2.3:8000"}).status_code == 200


def test_whoever_starts_it_waits_longer_than_a_try_may_take(container, manifests, unit):
    startup = container["startupProbe"]
    waits = startup["periodSeconds"] * startup["failureThreshold"]
    assert waits > LONGEST
    assert manifests["Deployment"]["spec"]["progressDeadlineSeconds"] > waits
    assert int(re.search(r"^TimeoutStartSec=(\d+)$", unit.read_text("utf-8"), re.M)[1]) > LONGEST
    assert int(re.search(r"--start-period=(\d+)s", IMAGE)[1]) > LONGEST


def test_systemd_does_not_start_again_what_somebody_must_mend_first(unit, tmp_path):
    (prevented,) = re.findall(r"^RestartPreventExitStatus=(\d+)$", unit.read_text("utf-8"), re.M)
    assert refused(tmp_path, WEGWIJZER_RATE="many")[0] == int(prevented)
    (tmp_path / "own.json").write_text("{}")
    code, said = refused(tmp_path, WEGWIJZER_RULEBASE=str(tmp_path / "own.json"))
    assert code == int(prevented), said


def test_whoever_asks_how_it_is_asks_where_no_worker_is_waited_for(container, unit):
    """In a pod, on a machine and in a container; nginx finds it where the unit puts it."""
    (set_,) = [one["value"] for one in container["env"] if one["name"] == "WEGWIJZER_HEALTH"]
    (port,) = [one["containerPort"] for one in container["ports"] if one["name"] == "health"]
    assert set_ == f"0.0.0.0:{port}"
    for kind in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[kind]["httpGet"]["port"] == "health"
    text = unit.read_text("utf-8")
    here = re.search(r"^Environment=WEGWIJZER_HEALTH=(127\.0\.0\.1:(\d+))$", text, re.M)
    assert f"\nSocketBindAllow=tcp:{here[2]}\n" in text
    assert f"server {here[1]} " in (ROOT / "deploy/nginx/nginx.conf").read_text("utf-8")
    assert f"WEGWIJZER_HEALTH={here[1]}\n" in IMAGE
    assert f"http://{here[1]}/health/ready" in IMAGE


def test_there_are_always_two_and_nobody_is_out_during_a_change(manifests):
    assert manifests["HorizontalPodAutoscaler"]["spec"]["minReplicas"] >= 2
    assert "replicas" not in manifests["Deployment"]["spec"]
    assert manifests["Deployment"]["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert manifests["PodDisruptionBudget"]["spec"]["minAvailable"] == 1


def test_nginx_of_the_pod_stands_before_it_and_nobody_passes_it_by(manifests, container, pod):
    """Whatever the gateway does: a whole request is taken in first, and nothing is written."""
    nginx = next(one for one in pod["containers"] if one["name"] == "nginx")
    (port,) = nginx["ports"]
    assert manifests["Service"]["spec"]["ports"][0]["targetPort"] == port["name"]
    (allowed,) = [one["port"] for rule in manifests["NetworkPolicy"]["spec"]["ingress"] for one in rule["ports"]]
    assert allowed == port["name"]
    assert container["command"][-2:] == ["--host", "127.0.0.1"]
    (rule,) = manifests["HTTPRoute"]["spec"]["rules"]
    (to,) = rule["backendRefs"]
    assert (to["name"], to["port"]) == ("wegwijzer", manifests["Service"]["spec"]["ports"][0]["port"])


def test_nginx_of_the_pod_answers_the_gateway_by_its_name_and_tells_the_caller_it_saw(text, tmp_path):
    """As the pod is given it, on every address, with what the example adds."""
    own = named(text, "wegwijzer-site-")["data"]
    assert named(text, "wegwijzer-nginx-")["data"]["nginx.conf"] == (ROOT / "deploy/nginx/nginx.conf").read_text()
    for name, said in own.items():
        (tmp_path / name).write_text(said)
    (name,) = re.findall(r"^server_name (\S+);$", own["site.conf"], re.M)
    settings = {"WEGWIJZER_ADDRESS": f"https://{name}", "WEGWIJZER_PROXIES": "1", "WEGWIJZER_RATE": "100"}
    service = Service(tmp_path, workers=1, **settings)
    nginx = Nginx(tmp_path, [service.port], own=[tmp_path / one for one in own])

    def status(caller, called=name):
        heads = {"Host": called, "X-Forwarded-For": caller}
        return ask(nginx.port, path="/api/v1/editions", headers=heads, host="127.0.0.2")[0]

    with closing(service, nginx):
        with pytest.raises(ConnectionResetError):
            status("192.0.2.1", "elsewhere.example")
        assert [status("198.51.100.9, 192.0.2.1") for _ in range(101)][-1] == 429
        assert status("192.0.2.1, 192.0.2.2") == 200, "the last is who the gateway saw"
        assert status("192.0.2.2, 192.0.2.1") == 429


def test_only_the_proxy_in_front_gets_in_and_nothing_gets_out(manifests):
    policy = manifests["NetworkPolicy"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert not policy.get("egress")
    ((source,),) = [rule["from"] for rule in policy["ingress"]]
    assert source == {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "gateway"}}}


def test_the_settings_in_the_example_are_settings(manifests, container, pod):
    import service.web.settings as settings

    known = {value for value in vars(settings).values() if isinstance(value, str) and value.startswith("WEGWIJZER_")}
    known |= {KEY, RULEBASE}
    assert set(manifests["ConfigMap"]["data"]) <= known
    for one in (container, *pod["initContainers"]):
        assert one["envFrom"][0]["configMapRef"]["name"] == manifests["ConfigMap"]["metadata"]["name"]


@pytest.fixture(scope="module")
def unit(tmp_path_factory):
    """The unit, of a Wegwijzer that is installed where these tests run."""
    text = (ROOT / "deploy/systemd/wegwijzer.service").read_text("utf-8")
    path = tmp_path_factory.mktemp("systemd") / "wegwijzer.service"
    path.write_text(text.replace("/opt/wegwijzer/bin/", f"{sys.prefix}/bin/"), "utf-8")
    return path


def test_systemd_understands_all_of_the_unit(unit):
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_systemd_finds_little_that_the_unit_leaves_open(unit):
    """On its scale from 0 to 10, on which 10 is everything; a unit that says nothing gets 9.6."""
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=15", "--no-pager", unit]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_unit_and_pod_hold_as_much_and_the_unit_lets_none_of_it_swap(unit, container):
    text = unit.read_text("utf-8")
    assert "\nMemorySwapMax=0\n" in text
    assert re.search(r"^TasksMax=\d+$", text, re.M)
    assert re.search(r"^MemoryMax=(\d+)M$", text, re.M)[1] + "Mi" == container["resources"]["limits"]["memory"]


def test_systemd_is_told_when_the_service_is_there_and_a_reload_leaves_it_there(unit, tmp_path):
    """The command of the unit, with the socket that systemd would listen on."""
    text = unit.read_text("utf-8")
    assert "Type=notify\n" in text
    assert "ExecReload=/bin/kill -HUP $MAINPID\n" in text
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = re.search(r"^ExecStart=(.*)", text, re.M)[1].replace("8000", port).split()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(60)
        env = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")}
        process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            assert b"READY=1" in listening.recv(1000)
            process.send_signal(signal.SIGHUP)
            with socket.create_connection(("127.0.0.1", int(port)), timeout=30) as asking:
                asking.sendall(b"GET /health/ready HTTP/1.0\r\nHost: localhost\r\n\r\n")
                assert asking.makefile("rb").readline().split()[1] == b"200"
        finally:
            process.terminate()
            errors = process.communicate(timeout=60)[1]
    assert process.returncode == 0, errors
