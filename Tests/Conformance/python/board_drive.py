"""Sits in front of `twolists board` as a person does: a terminal of 80 × 24, keys typed, the window resized, the server gone and back.

    board_drive.py WORK TITLE OTHER AFTER -- PROGRAM ARGUMENT...

TITLE and OTHER are titles of two items that stand on the board; AFTER is one that is filed while the server is new. Writes `down` into the folder WORK
when the server is to be taken away, and waits for the file `up` before it looks for AFTER. One line `ok …` for each thing seen; on the first
thing that does not come it prints the screen and ends with 1. The terminal here is a model written from ECMA-48, for what the board sends and no more:
whatever else comes ends it as well.
"""
import fcntl, os, pty, select, signal, struct, sys, termios, time, unicodedata

PATIENCE = 45.0  # seconds for anything to come: far more than it ever takes, and less than the test waits


class Terminal:
    def __init__(self, columns, rows):
        self.cursor, self.alternate, self.at = True, False, (0, 0)
        self.resize(columns, rows)
        self.rest = ""
        self.raw = b""

    def resize(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.cells = [[" "] * columns for _ in range(rows)]

    def lines(self):
        return ["".join(row).rstrip() for row in self.cells]

    def feed(self, data):
        self.raw += data
        try:
            text, self.raw = self.raw.decode("utf-8"), b""
        except UnicodeDecodeError as error:
            text, self.raw = self.raw[: error.start].decode("utf-8"), self.raw[error.start :]
            assert len(self.raw) < 4, f"no UTF-8: {self.raw!r}"
        self.rest += text
        while self.rest:
            taken = self.escape() if self.rest[0] == "\x1b" else self.put(self.rest[0])
            if not taken:
                return
            self.rest = self.rest[taken:]

    def escape(self):
        if len(self.rest) < 2:
            return 0
        assert self.rest[1] == "[", f"unknown: {self.rest[:12]!r}"
        for length, char in enumerate(self.rest[2:], 3):
            if "@" <= char <= "~":
                self.control(self.rest[2 : length - 1], char)
                return length
        return 0

    def control(self, body, final):
        row, column = self.at
        if final == "H":
            numbers = [int(part or 1) for part in (body or "1;1").split(";")]
            assert 1 <= numbers[0] <= self.rows and 1 <= numbers[1] <= self.columns, f"off the screen: {body}"
            self.at = (numbers[0] - 1, numbers[1] - 1)
        elif final == "J" and body == "2":
            self.cells = [[" "] * self.columns for _ in range(self.rows)]
        elif final == "K" and body == "":
            # Behind the last character of a full line the cursor still stands on it: what is erased to the right begins there.
            column = min(column, self.columns - 1)
            if column > 0 and self.cells[row][column] == "":
                column -= 1
            self.cells[row][column:] = [" "] * (self.columns - column)
        elif final in "hl" and body in ("?1049", "?25"):
            if body == "?25":
                self.cursor = final == "h"
            else:
                self.alternate = final == "h"
        else:
            assert final == "m", f"unknown: {body}{final}"

    def put(self, char):
        if not self.alternate or char in "\r\n":
            return 1  # what is said before and after the board is not on it
        assert char >= " ", f"a control character: {char!r}"
        if unicodedata.combining(char):
            return 1
        wide = 2 if unicodedata.east_asian_width(char) in "WF" else 1
        row, column = self.at
        assert column + wide <= self.columns, f"wider than the screen: {''.join(self.cells[row])}{char}"
        self.cells[row][column : column + wide] = [char] + [""] * (wide - 1)
        self.at = (row, column + wide)
        return 1


class Board:
    def __init__(self, command, columns=80, rows=24):
        self.terminal = Terminal(columns, rows)
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.child = os.fork()
        if self.child == 0:
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
            for number in (0, 1, 2):
                os.dup2(self.slave, number)
            os.closerange(3, 64)
            os.environ["TERM"] = "xterm-256color"
            os.execv(command[0], command)

    def read(self, seconds):
        if select.select([self.master], [], [], seconds)[0]:
            self.terminal.feed(os.read(self.master, 65536))

    def until(self, what, condition):
        end = time.monotonic() + PATIENCE
        while not condition(self.terminal):
            if time.monotonic() > end:
                self.fail(what)
            self.read(0.05)
        print("ok", what, flush=True)

    def fail(self, what):
        print(f"not seen: {what}\n" + "\n".join(self.terminal.lines()), flush=True)
        os.kill(self.child, signal.SIGKILL)
        sys.exit(1)

    def type(self, text):
        os.write(self.master, text.encode())

    def resize(self, columns, rows):
        self.terminal.resize(columns, rows)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def is_raw(self):
        flags = termios.tcgetattr(self.slave)[3]
        return not flags & (termios.ICANON | termios.ECHO | termios.ISIG)

    def ends(self, what):
        end = time.monotonic() + PATIENCE
        while True:
            pid, status = os.waitpid(self.child, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > end:
                self.fail(what + ": it goes on")
            self.read(0.05)
        while select.select([self.master], [], [], 0.2)[0]:
            self.terminal.feed(os.read(self.master, 65536))
        seen = (os.waitstatus_to_exitcode(status), self.terminal.alternate, self.terminal.cursor)
        if seen != (0, False, True) or termios.tcgetattr(self.slave) != self.before:
            self.fail(f"{what}: {seen}, the terminal as it was: {termios.tcgetattr(self.slave) == self.before}")
        print("ok", what, flush=True)


def shows(*words):
    return lambda terminal: all(any(word in line for line in terminal.lines()) for word in words)


def hides(word):
    return lambda terminal: not shows(word)(terminal)


def main():
    work, title, other, after = sys.argv[1:5]
    command = sys.argv[6:]
    notice = "本系统不得传输、存储涉密信息"
    board = Board(command)
    board.until("the frame: head, notice, both items, keys", shows("双清单看板", notice, title, other, "筛选："))
    if not board.is_raw():
        board.fail("a raw terminal")
    print("ok the terminal is raw", flush=True)
    if "筛选：" not in board.terminal.lines()[23]:
        board.fail("the keys on the last of 24 lines")
    print("ok 24 lines of 80 columns", flush=True)
    board.type(title[:2])
    board.until("a filter leaves what it says", lambda t: shows(title, "筛出 1")(t) and hides(other)(t))
    board.type("\x7f\x7f")
    board.until("backspace takes it back", shows(title, other))
    board.type(other[:2])
    board.until("another filter", lambda t: shows(other)(t) and hides(title)(t))
    board.type("\x1b")
    board.until("Esc clears it", shows(title, other))
    board.resize(100, 30)
    board.until("a larger window is filled", lambda t: "筛选：" in t.lines()[29] and shows(title, notice)(t))
    board.resize(50, 10)
    board.until("a window too small says so", shows("窗口太小"))
    board.resize(80, 24)
    board.until("and 80 × 24 again", lambda t: "筛选：" in t.lines()[23] and shows(title)(t))
    open(os.path.join(work, "down"), "w").close()
    board.until("the line is lost, what stood stays", lambda t: "连接" in t.lines()[1] and shows(title)(t))
    board.until("the server is said to be back", lambda t: os.path.exists(os.path.join(work, "up")))
    board.until("what came meanwhile stands on it", lambda t: shows(title, after)(t) and "连接" not in t.lines()[1])
    board.type("\x03")
    board.ends("Ctrl-C ends it and gives the terminal back")
    second = Board(command)
    second.until("once more", shows("双清单看板", title))
    os.kill(second.child, signal.SIGTERM)
    second.ends("SIGTERM ends it and gives the terminal back")


main()
