import Crypto
import Foundation
import RPC
import Synchronization
import TestSupport
import Testing
import Wire

/// The server's files, changed while it runs, and what a caller sees of it.
extension City {
    struct Pair: Sendable {
        var certificate: Certificate
        var key: PrivateKey
    }

    /// The city's authority, as on the machine where `twolists ca` is typed.
    func authority() throws -> CertificateAuthority {
        try CertificateAuthority(directory: folder.file("certs/ca"))
    }

    /// A fresh certificate and key of the server, the journal or an officer, good for so many days.
    func issue(_ identity: String, days: Int = 90) throws -> Pair {
        let key = try PrivateKey.generate()
        let request = try CertificateRequest(identity: try IdentityURI(identity), key: key)
        let hosts = identity.hasSuffix("/server") ? ["localhost", "127.0.0.1"] : []
        let certificate = try authority().issue(request, days: days, hosts: hosts, now: UTCTime.now())
        return Pair(certificate: certificate, key: key)
    }

    /// Puts a pair in the place of `certs/NAME.crt` and `.key`, as somebody would who renews it.
    func place(_ pair: Pair, at name: String) throws {
        try DurableFile.replace(folder.file("certs/\(name).key"), try pair.key.pem(), mode: 0o600)
        try DurableFile.replace(folder.file("certs/\(name).crt"), try pair.certificate.pem(), mode: 0o644)
    }

    func revoke(_ certificate: String) throws {
        let serial = try Certificate.load(path: certificate).serial
        try authority().revoke(serial: Hex.encode(serial), reason: .keyCompromise, now: UTCTime.now())
    }

    private func count(_ words: String) -> Int {
        log.split(separator: "\n").filter { $0.contains(words) }.count
    }

    /// SIGHUP, and waits until it has been dealt with: well, or with words on why not.
    func hangUp(refused: Bool = false) async throws {
        let words = refused ? "reload (SIGHUP) refused: nothing was swapped" : "reload (SIGHUP) done"
        let before = count(words)
        signal(SIGHUP)
        try await until("\(words): \(log.suffix(2_000))") { count(words) > before }
    }

    /// `twolists watch` of an officer who files requests, running and shown to be connected.
    func watch(_ officer: String) async throws -> Child {
        let watch = try Child(
            [try Programs.path("twolists"), "--profile", access.profile(officer), "watch"],
            output: folder.file("watch-\(officer).out"), errors: folder.file("watch-\(officer).err"))
        // What happens before it stands is not shown, so something happens until it shows.
        try await until("the watch shows nothing: \(watch.outputText)\(watch.errorText)") {
            _ = try request(officer)
            return watch.outputText.contains("提报")
        }
        return watch
    }

    /// Waits for something that happens on its own; the wait is bounded by far more than it ever takes.
    func until(_ what: @autoclosure () -> String, _ condition: () throws -> Bool) async throws {
        let end = Date(timeIntervalSinceNow: City.patience)
        while Date() < end {
            if try condition() { return }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw Failed(text: "did not come: \(what())")
    }
}

/// Connects and looks at the server's certificate.
enum Peek {
    private struct Seen {
        var serial: [UInt8]?
        var link: ClientLink?
        var isOver = false
    }

    /// The serial number of the certificate that a new connection is shown; nil: there was no connection.
    static func serial(_ access: City.Access, as officer: String) async throws -> [UInt8]? {
        let configuration = RPC.ClientConfiguration(
            host: "127.0.0.1", port: UInt16(access.port), server: "twolists://421300/server")
        let credentials = try TLSCredentials(
            chainPath: access.certificate(officer), keyPath: access.key(officer), trustPath: access.authority)
        let context = try TLSContext(.client, credentials, protocols: configuration.protocols)
        let handle = try LoopHandle.start(name: "peek") { _ in }
        defer { handle.stopAndJoin() }
        let seen = Mutex(Seen())
        return await withCheckedContinuation { continuation in
            let link = ClientLink(on: handle, configuration, context: context) { state in
                switch state {
                case .greeting(let server): seen.withLock { $0.serial = server.serial }
                case .ready, .ended:
                    let isFirst = seen.withLock { seen in
                        defer { seen.isOver = true }
                        return !seen.isOver
                    }
                    if isFirst { continuation.resume(returning: seen.withLock { $0.serial }) }
                default: break
                }
            }
            seen.withLock { $0.link = link }
        }
    }
}
