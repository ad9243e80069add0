import Glibc

/// What started this program, if it wants to know how it goes: systemd, or whoever else gives NOTIFY_SOCKET. One datagram of
/// `KEY=VALUE` lines a message, to the socket of that name; `@` in front means the abstract name space (sd_notify(3)).
enum ServiceManager {
    /// Sends lines such as `READY=1`. Nobody is told where there is no NOTIFY_SOCKET, and a message that cannot be sent is left out:
    /// serving does not depend on being watched.
    static func tell(_ lines: String...) {
        guard let name = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }),
            var address = sockaddr_un(notifySocket: name)
        else { return }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let message = Array(lines.joined(separator: "\n").utf8)
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { to in
                _ = message.withUnsafeBytes {
                    sendto(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL), to, length)
                }
            }
        }
    }
}

extension sockaddr_un {
    /// Nil for a name that is neither a path nor abstract, or too long for an address.
    fileprivate init?(notifySocket name: String) {
        self.init()
        guard name.hasPrefix("/") || name.hasPrefix("@"),
            name.utf8.count < MemoryLayout.size(ofValue: sun_path)
        else { return nil }
        sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &sun_path) { path in path.copyBytes(from: name.utf8) }
        if name.hasPrefix("@") { sun_path.0 = 0 }
    }
}
