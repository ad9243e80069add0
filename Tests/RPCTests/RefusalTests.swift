import Foundation
import TestSupport
import Testing
import Wire

@testable import RPC

/// What must not get in, and what each side is told about it. Every test reads the words in the log.
@Suite("PROTOCOL.md 2 TLS and identity: refusals")
struct RefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var certificate: String
        var log: String
        var alert: UInt8
        var testDescription: String { certificate }
    }

    static let badClients = [
        Case(
            certificate: "expired", log: "client certificate expired 2021-01-01T00:00:00Z; renew", alert: 45),
        Case(certificate: "future", log: "client certificate is not valid before 2040-01-01", alert: 42),
        Case(certificate: "stranger-client", log: "comes from \"/CN=stranger\", which is not", alert: 48),
        Case(certificate: "revoked", log: "is revoked", alert: 44),
        Case(certificate: "wrong-usage", log: "is not for a client", alert: 43),
        Case(certificate: "no-usage", log: "is not for a client", alert: 43),
        Case(certificate: "no-uri", log: "names no identity", alert: 42),
        Case(certificate: "no-names", log: "names no identity", alert: 42),
        Case(certificate: "two-uris", log: "names 2 identities", alert: 42),
        Case(certificate: "wrong-scheme", log: "does not begin with twolists://", alert: 42),
        Case(certificate: "long-uri", log: "is longer than 255 bytes", alert: 42),
    ]

    @Test(
        "A bad client certificate: the log says what is wrong, the client that it was refused",
        arguments: badClients)
    func badClient(_ bad: Case) throws {
        let server = try TestServer(
            context: TestCertificates.context(.server, "server", lists: ["ca", "stranger"]))
        let client = try TestClient(
            port: server.server.port, context: TestCertificates.context(.client, bad.certificate))
        let end = try client.end()
        #expect(end.certificateRefused, "\(end)")
        #expect(end.alert == bad.alert && end.description.contains("the server refused our certificate"))
        #expect(server.line(containing: bad.log), "\(server.lines.values)")
        #expect(server.line(containing: "phase tls, alert sent \(TLSWords.alert(bad.alert))"))
        #expect(server.service.opened.values.isEmpty && !client.states.values.contains { $0.isReady })
        client.stop()
        server.stop()
    }

    @Test("A certificate with an RSA key is refused: its owner cannot prove it")
    func rsa() throws {
        let server = try TestServer()
        let client = try TestClient(
            port: server.server.port, context: TestCertificates.context(.client, "rsa"))
        _ = try client.end()
        #expect(server.line(containing: "phase tls"), "\(server.lines.values)")
        client.stop()
        server.stop()
    }

    @Test(
        "A bad server certificate: the client says what is wrong and never calls",
        arguments: [
            ("stranger-server", "server certificate comes from \"/CN=stranger\""),
            ("other-server", "is for twolists://421301/server, not for twolists://421300/server"),
            ("client", "is not for a server"),
        ])
    func badServer(_ certificate: String, _ words: String) throws {
        let server = try TestServer(context: TestCertificates.context(.server, certificate))
        let client = try TestClient(port: server.server.port)
        let end = try client.end()
        #expect(end.serverRefused && end.phase == .tls && end.description.contains(words), "\(end)")
        #expect(server.line(containing: "alert received"), "\(server.lines.values)")
        client.stop()
        server.stop()
    }

    @Test("A revocation list that has ended lets nobody in")
    func oldList() throws {
        let server = try TestServer(context: TestCertificates.context(.server, "server", lists: ["old"]))
        let client = try TestClient(port: server.server.port)
        #expect(try client.end().certificateRefused)
        #expect(
            server.line(containing: "the revocation list of \"/CN=ca\" has ended"), "\(server.lines.values)")
        client.stop()
        server.stop()
    }

    /// openssl s_client as the odd client: no certificate, old TLS, no ALPN, a foreign ALPN.
    @Test(
        "openssl s_client with one thing missing",
        arguments: [
            (["-alpn", "twolists/1"], "the client sent no certificate"),
            (["-alpn", "twolists/1", "-tls1_2"], "offers no TLS 1.3"),
            (["CERT"], "application protocol"),
            (["CERT", "-alpn", "h2"], "application protocol"),
            (["CERT", "-alpn", "ttrpc"], "application protocol"),
            (["CERT", "-alpn", "twolists/1", "-groups", "secp521r1"], "no common key exchange group"),
        ])
    func openssl(_ options: [String], _ words: String) throws {
        let server = try TestServer()
        let directory = try TestCertificates.directory.get()
        let certificate = ["-cert", "\(directory)/client.crt", "-key", "\(directory)/client.key"]
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["timeout", "20", "openssl", "s_client", "-connect", "127.0.0.1:\(server.server.port)"]
            + options.flatMap { $0 == "CERT" ? certificate : [$0] }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        #expect(server.line(containing: words), "\(server.lines.values)")
        process.waitUntilExit()
        server.stop()
    }

    /// openssl s_server as the odd server: the right certificate, and no word about the protocol.
    @Test("A server that agrees to no protocol is not spoken to")
    func serverWithoutProtocol() throws {
        let directory = try TestCertificates.directory.get()
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: try requireTool("openssl"))
        process.arguments = [
            "s_server", "-accept", "127.0.0.1:0", "-cert",
            "\(directory)/server.crt", "-key", "\(directory)/server.key", "-CAfile", "\(directory)/ca.crt",
            "-Verify", "1",
        ]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        let client = try TestClient(port: try acceptedPort(output))
        let end = try client.end()
        #expect(end.description.contains("does not speak twolists/1 (ALPN)"), "\(end)")
        client.stop()
    }

    /// The port s_server was given: `ACCEPT 127.0.0.1:40123`.
    private func acceptedPort(_ output: Pipe) throws -> UInt16 {
        var text = ""
        while !text.contains("ACCEPT") || !text.hasSuffix("\n") {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            text += String(decoding: more, as: UTF8.self)
        }
        let line = text.split(separator: "\n").first { $0.hasPrefix("ACCEPT") }
        return try #require(line?.split(separator: ":").last.flatMap { UInt16($0) }, "\(text)")
    }

    @Test("The admission refuses an identity: the client is told the text")
    func admission() throws {
        let server = try TestServer(admit: { peer in
            peer.uri.isEmpty ? nil : Status(.permissionDenied, "officer k7f2 is not in the roster")
        })
        let client = try TestClient(port: server.server.port)
        let end = try client.end()
        #expect(end.description.contains("not in the roster"), "\(end)")
        #expect(server.line(containing: "not in the roster"))
        client.stop()
        server.stop()
    }

    @Test("Base profile only where the configuration allows it")
    func baseProfile() throws {
        let server = try TestServer { $0.allowsBaseProfile = true }
        let client = try TestClient(port: server.server.port) { $0.profile = .base }
        #expect(client.isReady)
        #expect(try client.unary("Echo", [1, 2, 3]).1 == [1, 2, 3])
        client.stop()
        server.stop()
    }

    @Test(
        "Key and certificate that do not fit, missing and foreign files: named with the mend",
        arguments: [
            ("server.crt", "client.key", "ca.crt", "does not belong to the certificate"),
            ("none.crt", "server.key", "ca.crt", "cannot read"),
            ("server.key", "server.key", "ca.crt", "holds no certificate"),
            ("server.crt", "server.crt", "ca.crt", "holds no private key"),
            ("server.crt", "server.key", "ca.conf", "authority"),
        ])
    func credentials(_ chain: String, _ key: String, _ trust: String, _ words: String) throws {
        let directory = try TestCertificates.directory.get()
        let error = #expect(throws: NetworkError.self) {
            let credentials = try TLSCredentials(
                chainPath: "\(directory)/\(chain)", keyPath: "\(directory)/\(key)",
                trustPath: "\(directory)/\(trust)")
            _ = try TLSContext(.server, credentials)
        }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains(directory) == true)
    }

    @Test("A port that is taken")
    func portTaken() throws {
        let server = try TestServer()
        let port = server.server.port
        let error = #expect(throws: NetworkError.self) { try TestServer { $0.port = port } }
        #expect(error?.description.contains("is taken") == true)
        server.stop()
    }

    @Test("Nobody listens, no such host: said in words")
    func unreachable() throws {
        let server = try TestServer()
        let port = server.server.port
        server.stop()
        let client = try TestClient(port: port)
        let end = try client.end()
        #expect(end.phase == .tcp && end.description.contains("Connection refused"), "\(end)")
        client.stop()
        let lost = try TestClient(port: port) { $0.host = "no-such-host.invalid" }
        #expect(try lost.end().description.contains("cannot resolve"))
        lost.stop()
    }

    @Test("Identities: exactly the form, byte by byte")
    func identities() {
        func fault(_ text: String) -> String? { IdentityRule.fault(in: Array(text.utf8)) }
        #expect(fault("twolists://421300/county/421321/officer/k7f2") == nil)
        #expect(fault("twolists://a") == nil)
        #expect(fault("twolists://" + String(repeating: "a", count: 244)) == nil)
        #expect(fault("twolists://" + String(repeating: "a", count: 245)) != nil)
        for bad in ["", "twolists:", "TWOLISTS://a", "twolists://", "twolists://a/", "twolists://a//b"] {
            #expect(fault(bad) != nil, "\(bad)")
        }
        for bad in ["twolists://a\0b", "twolists://a b", "twolists://é", "twolists://a%41", "twolists://a?b"]
        {
            #expect(fault(bad) != nil, "\(bad)")
        }
    }
}
