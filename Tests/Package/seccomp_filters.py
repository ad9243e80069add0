"""The unit's SystemCallFilter, RestrictAddressFamilies and MemoryDenyWriteExecute, put on the calling process through libseccomp."""
import ctypes
import errno
import socket
import subprocess

library = ctypes.CDLL("libseccomp.so.2", use_errno=True)
library.seccomp_init.restype = ctypes.c_void_p
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
EQUAL, MASKED_EQUAL = 4, 7
PROT_WRITE, PROT_EXEC, SHM_EXEC = 2, 4, 0o100000
# Address families there are, with room for those to come.
FAMILIES = range(0, 64)


class Compare(ctypes.Structure):
    _fields_ = [("arg", ctypes.c_uint), ("op", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def group(name):
    """The calls of a group such as @system-service, as systemd itself lists them."""
    text = subprocess.run(["systemd-analyze", "syscall-filter", name], check=True, capture_output=True, text=True).stdout
    calls = set()
    for word in (line.strip() for line in text.splitlines()[1:]):
        if word.startswith("@"):
            calls |= group(word)
        elif word and not word.startswith("#"):
            calls.add(word)
    return calls


def expand(filters):
    """SystemCallFilter lines into the calls allowed: a list, then lists with ~ taken away from it."""
    allowed = set()
    for line in filters:
        for word in line.removeprefix("~").split():
            calls = group(word) if word.startswith("@") else {word}
            allowed = allowed - calls if line.startswith("~") else allowed | calls
    # systemd's executor itself needs these, and adds them.
    return sorted(allowed | {"execve", "exit", "exit_group", "rt_sigreturn", "getrlimit"} if allowed else allowed)


def number(call):
    return library.seccomp_syscall_resolve_name(call.encode())


def check(result, what):
    if result != 0:
        raise OSError(-result, f"seccomp: {what}")


def load(context):
    check(library.seccomp_load(ctypes.c_void_p(context)), "load")


def allow_only(calls):
    context = library.seccomp_init(ERRNO | errno.EPERM)
    for call in calls:
        if number(call) >= 0:
            check(library.seccomp_rule_add(ctypes.c_void_p(context), ALLOW, number(call), 0), call)
    load(context)


def refuse_when(context, call, compare, error):
    check(library.seccomp_rule_add(ctypes.c_void_p(context), ERRNO | error, number(call), 1, compare), call)


def restrict(families, deny_write_execute):
    context = library.seccomp_init(ALLOW)
    allowed = {int(getattr(socket, name)) for name in families}
    for family in FAMILIES if families else ():
        if family not in allowed:
            refuse_when(context, "socket", Compare(0, EQUAL, family, 0), errno.EAFNOSUPPORT)
    if deny_write_execute:
        both = PROT_WRITE | PROT_EXEC
        refuse_when(context, "mmap", Compare(2, MASKED_EQUAL, both, both), errno.EPERM)
        for call in ("mprotect", "pkey_mprotect"):
            refuse_when(context, call, Compare(2, MASKED_EQUAL, PROT_EXEC, PROT_EXEC), errno.EPERM)
        refuse_when(context, "shmat", Compare(2, MASKED_EQUAL, SHM_EXEC, SHM_EXEC), errno.EPERM)
    load(context)
