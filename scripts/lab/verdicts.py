# SPDX-License-Identifier: GPL-2.0-only
"""What the console of a machine says, line by line, and what follows from it; for lab/watch."""
import re
import socket
import time

# Faults of programs ("traps: fpu[9] general protection fault") are no complaint
COMPLAINT = re.compile(
    r"WARNING: |BUG: |BUG at |Oops|Call Trace|INFO: (possible|suspicious|task|rcu)|KASAN: |"
    r"UBSAN: |Kernel panic|kernel BUG|rcu: .*stall|soft lockup|hard LOCKUP|Hardware Dom0 crashed|"
    r"\(XEN\).*(Unhandled|Panic on CPU|FATAL|Xen BUG)|domain_crash called")
VERDICT = re.compile(r"XENPV-VERDICT (\S+) (ok|FAIL|skip)\b ?(.*)")


class Run:
    """What the console has said so far."""

    def __init__(self, opt):
        self.guest = "guest" in opt
        self.whole = "whole-log" in opt or not self.guest
        self.verdicts, self.done, self.complaint, self.dom0 = [], None, None, None
        self.last, self.end, self.lines, self.panic = "", "", 0, None
        self.monitor = opt["monitor"]

    def ask(self, command):
        """QEMU's answer; an end that is closed at once may lose the command."""
        said = ""
        with socket.socket(socket.AF_UNIX) as monitor:
            monitor.settimeout(10)
            monitor.connect(self.monitor)
            monitor.sendall(f"{command}\n".encode())
            while command not in said or not said.endswith("(qemu) "):
                got = monitor.recv(65536)
                if not got:
                    raise ConnectionError("it ended before it answered")
                said += got.decode("utf-8", "replace")
        return said

    def where(self):
        """What each CPU is at, of a machine that says nothing any more."""
        try:
            return self.ask("info registers -a")
        except OSError as e:
            return f"QEMU's monitor does not answer: {e}"

    def line(self, text):
        self.lines, self.end = self.lines + 1, text
        if "XENPV-PRESS" in text:
            self.ask("system_powerdown")
        mine = text.startswith("guest: ") == self.guest
        m = VERDICT.search(text)
        if "Kernel panic - not syncing" in text:
            self.panic = self.panic or time.time()
        if "XENPV-DOM0" in text:
            self.dom0 = text.split("XENPV-DOM0", 1)[1].strip()
        elif m and mine:
            self.verdicts.append(m.groups())
            self.last = f"{m[1]} {m[2]}"
        elif "XENPV-DONE" in text and mine:
            m = re.search(r"XENPV-DONE (\d+)", text)
            self.done = (self.done or 0) + (int(m[1]) if m else -1)
        elif (mine or self.whole or "(XEN)" in text) and not self.complaint and COMPLAINT.search(text):
            self.complaint = text.strip()[:100]

    def result(self, opt, ended):
        rows, names = list(self.verdicts), [v[0] for v in self.verdicts if v[1] != "skip"]
        for item in filter(None, opt["want"].split(",")):
            if item not in names:
                rows.append((item, "FAIL", "skipped, or no verdict"))
        if self.done is None:
            rows.append(("finish", "FAIL", f"no XENPV-DONE; {ended}"))
        elif self.done != len(self.verdicts):
            rows.append(("finish", "FAIL", f"{self.done} verdicts told, {len(self.verdicts)} heard"))
        elif ended != "powered off":
            rows.append(("finish", "FAIL", ended))
        else:
            rows.append(("finish", "ok", ended))
        if (self.guest or self.dom0) and not (self.dom0 or "").startswith("ok"):
            rows.append(("dom0", "FAIL", self.dom0 or "the dom0 said nothing"))
        if self.complaint:
            rows.append(("log-clean", "FAIL", self.complaint))
        else:
            rows.append(("log-clean", "ok", f"{self.lines} lines"))
        return rows
