#!/usr/bin/env python3
"""supervisor.py UNIT DIR: stands in for systemd where none runs, and says so.

Starts exactly what the installed unit file says: its ExecStart with its EnvironmentFile, as its User and Group, with its UMask, limits,
StateDirectory, NOTIFY_SOCKET and as much of its sandbox as one process can put on (what it leaves out is said, too); restarts it as
Restart=, RestartSec= and StartLimit…= say. SIGHUP runs ExecReload, SIGTERM stops it with KillSignal and TimeoutStopSec.

DIR gets `state` (starting, ready, reloading, stopping, restarting, stopped, failed), `pid` of the main process, and `log`, what it wrote.
"""
import ctypes
import grp
import os
import pwd
import resource
import shlex
import signal
import socket
import subprocess
import sys
import time

import seccomp_filters as seccomp

libc = ctypes.CDLL(None, use_errno=True)
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, CLONE_NEWNS = 24, 38, 0x20000
MS_BIND, MS_REC, MS_PRIVATE, MS_REMOUNT, MS_RDONLY = 4096, 16384, 1 << 18, 32, 1


class Unit:
    """A unit file: the values of each key in order; an empty one forgets those before it."""

    def __init__(self, path):
        self.values = {}
        text = open(path, encoding="utf-8").read().replace("\\\n", " ")
        section = ""
        for line in (line.strip() for line in text.splitlines()):
            if line.startswith("[") and line.endswith("]"):
                section = line[1:-1]
            elif line and line[0] not in "#;":
                key, _, value = line.partition("=")
                known = self.values.setdefault((section, key.strip()), [])
                known[:] = [*known, value.strip()] if value.strip() else []

    def all(self, key, section="Service"):
        return self.values.get((section, key), [])

    def one(self, key, otherwise="", section="Service"):
        return (self.all(key, section) or [otherwise])[-1]

    def yes(self, key):
        return self.one(key).lower() in ("yes", "true", "on", "1")

    def seconds(self, key, otherwise, section="Service"):
        value = self.one(key, str(otherwise), section)
        return float("inf") if value == "infinity" else float(value.removesuffix("s"))

    def service_keys(self):
        return [key for section, key in self.values if section == "Service"]


def environment(unit):
    """EnvironmentFile: KEY=VALUE lines, # for remarks. Nothing of our own environment but PATH goes in."""
    found = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    for name in unit.all("EnvironmentFile"):
        if name.startswith("-") and not os.path.exists(name[1:]):
            continue
        for line in open(name.removeprefix("-"), encoding="utf-8"):
            key, equals, value = line.strip().partition("=")
            if equals and not key.startswith("#"):
                found[key] = " ".join(shlex.split(value)) if value[:1] in "'\"" else value
    return found


def words(line, variables):
    """A command line as systemd reads it: ${X} within a word, $X alone becomes as many words as it has."""
    result = []
    for word in shlex.split(line):
        if word.startswith("$") and not word.startswith("${"):
            result += variables.get(word[1:], "").split()
        else:
            for name, value in variables.items():
                word = word.replace("${" + name + "}", value)
            result.append(word)
    return result


def check(result, what):
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def mount(source, target, flags, kind=None, data=None):
    encoded = [None if x is None else x.encode() for x in (source, target, kind, data)]
    check(libc.mount(encoded[0], encoded[1], encoded[2], flags, encoded[3]), f"mount {target}")


def read_only_world(unit):
    """ProtectSystem=strict, ReadWritePaths, StateDirectory, PrivateTmp, ProtectHome: a mount namespace of its own."""
    check(libc.unshare(CLONE_NEWNS), "unshare")
    mount(None, "/", MS_REC | MS_PRIVATE)
    writable = unit.all("ReadWritePaths") + ["/var/lib/" + name for name in unit.all("StateDirectory")]
    for path in writable:
        mount(path, path, MS_BIND)
    if unit.one("ProtectSystem") == "strict":
        for line in open("/proc/self/mountinfo", encoding="utf-8"):
            path = line.split()[4].replace("\\040", " ")
            if path.split("/")[1] in ("dev", "proc", "sys") or path in writable:
                continue
            try:
                mount(None, path, MS_REMOUNT | MS_BIND | MS_RDONLY)
            except OSError:
                if path == "/":
                    raise
    if unit.yes("PrivateTmp"):
        for path in ("/tmp", "/var/tmp"):
            mount("tmpfs", path, 0, "tmpfs", "mode=1777")
    if unit.yes("ProtectHome"):
        for path in ("/home", "/root"):
            mount("tmpfs", path, MS_RDONLY, "tmpfs", "mode=000")


class Supervisor:
    # What is put on below; other keys of [Service] are named as left out.
    handled = set(
        """Type NotifyAccess TimeoutStartSec User Group EnvironmentFile ExecStart ExecReload KillSignal TimeoutStopSec Restart
        RestartSec RestartPreventExitStatus LimitNOFILE LimitCORE UMask StateDirectory StateDirectoryMode NoNewPrivileges
        CapabilityBoundingSet AmbientCapabilities ProtectSystem ReadWritePaths ProtectHome PrivateTmp MemoryDenyWriteExecute
        RestrictAddressFamilies SystemCallArchitectures SystemCallFilter SystemCallErrorNumber""".split())

    def __init__(self, path, directory):
        self.path, self.directory = path, directory
        self.unit = Unit(path)
        self.pid, self.stopping, self.reloading, self.starts = 0, False, False, []
        self.user = pwd.getpwnam(self.unit.one("User"))
        self.group = grp.getgrnam(self.unit.one("Group", self.unit.one("User")))
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify = directory + "/notify"
        self.socket.bind(self.notify)
        os.chmod(self.notify, 0o666)
        self.socket.settimeout(0.05)
        self.log = open(directory + "/log", "ab", buffering=0)

    def say(self, text):
        print(f"supervisor: {text}", flush=True)

    def set_state(self, state):
        self.state = state
        for name, text in (("pid", str(self.pid)), ("state", state)):
            with open(f"{self.directory}/{name}.new", "w", encoding="utf-8") as file:
                file.write(text + "\n")
            os.rename(f"{self.directory}/{name}.new", f"{self.directory}/{name}")

    def announce(self):
        left = [key for key in dict.fromkeys(self.unit.service_keys()) if key not in self.handled]
        self.say(f"no systemd here: a stand-in starts {self.path} as user {self.user.pw_name}, Restart={self.unit.one('Restart')}")
        self.say(f"not put on by the stand-in: {' '.join(left)}")

    def missing(self):
        return [path for path in self.unit.all("AssertPathExists", "Unit") if not os.path.exists(path)]

    # What happens between fork and exec, still as root, in the order that leaves each step its rights.
    def become(self):
        os.setsid()
        limits = {"LimitNOFILE": resource.RLIMIT_NOFILE, "LimitCORE": resource.RLIMIT_CORE}
        for key, which in limits.items():
            if self.unit.one(key):
                resource.setrlimit(which, (int(self.unit.one(key)),) * 2)
        read_only_world(self.unit)
        if ("Service", "CapabilityBoundingSet") in self.unit.values and not self.unit.all("CapabilityBoundingSet"):
            capability = 0
            while libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0:
                capability += 1
        os.chdir("/")
        os.umask(int(self.unit.one("UMask", "022"), 8))
        os.setgroups([])
        os.setgid(self.group.gr_gid)
        os.setuid(self.user.pw_uid)
        if self.unit.yes("NoNewPrivileges"):
            check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
        if self.unit.all("RestrictAddressFamilies") or self.unit.yes("MemoryDenyWriteExecute"):
            seccomp.restrict(self.unit.one("RestrictAddressFamilies").split(), self.unit.yes("MemoryDenyWriteExecute"))
        if self.system_calls:
            seccomp.allow_only(self.system_calls)

    def start(self):
        missing = self.missing()
        if missing:
            self.say(f"assertion failed, not started: {' '.join(missing)} does not exist")
            return False
        for name in self.unit.all("StateDirectory"):
            path = "/var/lib/" + name
            os.makedirs(path, exist_ok=True)
            os.chmod(path, int(self.unit.one("StateDirectoryMode", "755"), 8))
            os.chown(path, self.user.pw_uid, self.group.gr_gid)
        self.system_calls = seccomp.expand(self.unit.all("SystemCallFilter"))
        variables = environment(self.unit)
        line = words(self.unit.one("ExecStart"), variables)
        self.starts.append(time.monotonic())
        child = subprocess.Popen(
            line, env={**variables, "NOTIFY_SOCKET": self.notify}, stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, preexec_fn=self.become, close_fds=True)
        self.child, self.pid = child, child.pid
        self.set_state("starting")
        return True

    def hear(self):
        try:
            message = self.socket.recv(4096).decode()
        except TimeoutError:
            return
        for line in message.splitlines():
            if line == "READY=1":
                self.say(f"READY=1 from process {self.pid}")
                self.set_state("ready")
            elif line == "RELOADING=1":
                self.set_state("reloading")
            elif line == "STOPPING=1":
                self.say("STOPPING=1")
                self.set_state("stopping")

    def stop(self):
        number = getattr(signal, self.unit.one("KillSignal", "SIGTERM"))
        self.child.send_signal(number)
        end = time.monotonic() + self.unit.seconds("TimeoutStopSec", 90)
        while self.child.poll() is None:
            self.hear()
            if time.monotonic() > end:
                self.say("TimeoutStopSec is over: SIGKILL")
                self.child.kill()
                self.child.wait()
        self.hear()

    def restarts(self, code):
        """Whether Restart= wants a new start after this end."""
        clean = code == 0 or -code in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGPIPE)
        if str(code) in self.unit.one("RestartPreventExitStatus").split():
            return False
        return {"no": False, "always": True, "on-failure": not clean}[self.unit.one("Restart", "no")]

    def too_often(self):
        window = self.unit.seconds("StartLimitIntervalSec", 10, "Unit")
        burst = int(self.unit.one("StartLimitBurst", "5", "Unit"))
        return len([start for start in self.starts if time.monotonic() - start < window]) >= burst

    def run(self):
        self.announce()
        if not self.start():
            self.set_state("failed")
            return 1
        while True:
            if self.stopping:
                self.stop()
                self.say(f"stopped, exit {self.child.returncode}")
                self.set_state("stopped")
                return 0
            if self.reloading:
                self.reloading = False
                subprocess.run(words(self.unit.one("ExecReload"), {"MAINPID": str(self.pid)}), check=True)
            self.hear()
            code = self.child.poll()
            if code is None:
                continue
            again = self.restarts(code)
            self.say(f"process {self.pid} ended with {'signal ' + str(-code) if code < 0 else code}")
            if not again or self.too_often():
                self.say("not started again" + (": too often" if again else ""))
                self.set_state("failed" if code else "stopped")
                return 1 if code else 0
            self.set_state("restarting")
            time.sleep(self.unit.seconds("RestartSec", 0.1))
            self.say(f"started again after RestartSec={self.unit.one('RestartSec')}")
            if not self.start():
                self.set_state("failed")
                return 1


def main():
    supervisor = Supervisor(sys.argv[1], sys.argv[2])

    def stop(*_):
        supervisor.stopping = True

    def reload(*_):
        supervisor.reloading = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, reload)
    sys.exit(supervisor.run())


if __name__ == "__main__":
    main()
