import Glibc
import Wire

@testable import RPC

/// A blocking TCP socket for tests that misbehave on purpose.
final class RawClient {
    let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let r = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if r != 0 { throw NetworkError("connect", failed: 0 &- errno) }
        var patience = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { Glibc.close(descriptor) }

    func write(_ bytes: [UInt8]) {
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    /// Reads until the end; nil when it does not come in 20 s.
    func readToEnd() -> [UInt8]? {
        var all: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65536)
        while true {
            let n = Glibc.read(descriptor, &part, part.count)
            if n == 0 { return all }
            if n < 0 { return errno == ECONNRESET ? all : nil }
            all.append(contentsOf: part[..<n])
        }
    }
}

/// A TLS client that is driven by hand, blocking: to send what no ConnectionMachine would.
final class RawTLSClient {
    let raw: RawClient
    let session: TLSSession

    init(port: UInt16, certificate: String = "client", proto: String = ApplicationProtocol.extended) throws {
        raw = try RawClient(port: port)
        session = try TLSSession(
            TestCertificates.context(.client, certificate, protocols: [proto]), descriptor: raw.descriptor)
        while true {
            switch session.handshake() {
            case .done: return
            case .wait: continue
            case .ended: throw NetworkError("ended")
            case .failed(let problem): throw problem
            }
        }
    }

    /// One record.
    func write(_ bytes: [UInt8]) throws {
        var left = bytes[...]
        while !left.isEmpty {
            let step = left.withUnsafeBytes { session.write($0) }
            switch step {
            case .done(let n): left = left.dropFirst(n)
            case .wait: continue
            case .ended: throw NetworkError("ended")
            case .failed(let problem): throw problem
            }
        }
    }

    /// Some bytes; empty at the end.
    func read() -> [UInt8] {
        var part = [UInt8](repeating: 0, count: 65536)
        while true {
            switch part.withUnsafeMutableBytes({ session.read(into: $0) }) {
            case .done(let n): return Array(part[..<n])
            case .wait: continue
            case .ended, .failed: return []
            }
        }
    }

    /// Frames from a client machine, for a peer that is honest up to a point.
    static func helloFrame() -> [UInt8] {
        let machine = ConnectionMachine(role: .client, profile: .extended, now: 0)
        return machine.withOutput { [UInt8]($0) }
    }
}
