// TLS 1.3 and nothing else, both sides with a certificate, ECDSA P-256. Built whole and then frozen: new certificates or
// revocation lists make a new context; connections keep the one they began with.

import COpenSSL
import Crypto
import Glibc

/// PEM text and what to call it in an error: a path, or e.g. "the profile".
package struct PEMSource: Sendable {
    package var name: String
    package var bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// Bytes of a PEM file. A chain has a few KiB, a revocation list of 20,000 entries about 1 MiB.
    package static let maxFileBytes = 16 << 20

    /// Reads a file; the error names it.
    package init(path: String) throws(NetworkError) {
        let fd = open(path, O_RDONLY | O_CLOEXEC)
        guard fd >= 0 else { throw NetworkError("cannot read \(path)", failed: 0 &- errno) }
        defer { close(fd) }
        var all: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65536)
        while true {
            let n = Glibc.read(fd, &part, part.count)
            guard n >= 0 else { throw NetworkError("cannot read \(path)", failed: 0 &- errno) }
            if n == 0 { break }
            all.append(contentsOf: part[..<n])
            guard all.count <= PEMSource.maxFileBytes else {
                throw NetworkError("\(path) is larger than \(PEMSource.maxFileBytes) bytes: not a PEM file?")
            }
        }
        self.init(name: path, bytes: all)
    }
}

/// What one side shows and whom it believes.
package struct TLSCredentials: Sendable {
    /// Our certificate, then those of the authorities below the root.
    package var chain: PEMSource
    package var key: PEMSource
    /// The authorities whose certificates we believe.
    package var trust: PEMSource
    /// Revocation lists; with any given, each authority of a chain must have a list that has not ended.
    package var revocationLists: [PEMSource]

    package init(chain: PEMSource, key: PEMSource, trust: PEMSource, revocationLists: [PEMSource] = []) {
        self.chain = chain
        self.key = key
        self.trust = trust
        self.revocationLists = revocationLists
    }

    /// Reads the files.
    package init(
        chainPath: String, keyPath: String, trustPath: String, revocationListPaths: [String] = []
    ) throws(NetworkError) {
        chain = try PEMSource(path: chainPath)
        key = try PEMSource(path: keyPath)
        trust = try PEMSource(path: trustPath)
        revocationLists = []
        for path in revocationListPaths { revocationLists.append(try PEMSource(path: path)) }
    }
}

/// Names of the application protocols, PROTOCOL.md 2.
package enum ApplicationProtocol {
    /// The extended profile.
    package static let extended = "twolists/1"
    /// The base profile, for stock ttrpc clients where the configuration allows it.
    package static let base = "ttrpc"
}

/// A frozen SSL_CTX.
package final class TLSContext: Sendable {
    package enum Role: Sendable { case server, client }

    package let role: Role
    /// Seconds since 1970 at which our own certificate ends.
    package let notAfter: Int64
    /// A client's, when it trusts authorities of development only: the server may run on a demonstration clock, which its HELLO tells. The handshake
    /// leaves the times of its certificate alone, and they are judged by that clock, or by the machine's, before any call goes out.
    package let judgesTimeLater: Bool
    /// By which certificates and lists are judged, seconds since 1970; nil: the machine's clock.
    private let clock: (@Sendable () -> Int64)?
    private let frozen: FrozenContext

    /// Bytes of the certificates a peer may send: four of 2 KiB and room for long names.
    package static let maxChainBytes = 16 << 10
    private static let suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    private static let groups = "X25519:P-256:P-384"
    /// How a peer proves its key. The certificates of authorities may be signed with longer curves.
    private static let signatures = "ecdsa_secp256r1_sha256"

    /// A context of one role. `protocols`: what a server accepts or a client offers, best first. `clock`: a server's demonstration clock, seconds
    /// since 1970.
    package init(
        _ role: Role, _ credentials: TLSCredentials, protocols: [String] = [ApplicationProtocol.extended],
        clock: (@Sendable () -> Int64)? = nil
    ) throws(NetworkError) {
        let method = role == .server ? TLS_server_method() : TLS_client_method()
        guard let ctx = SSL_CTX_new(method) else {
            throw NetworkError("cannot create a TLS context: \(TLSErrors.takeAll())")
        }
        do throws(NetworkError) {
            try TLSContext.setProfile(ctx)
            try TLSContext.load(credentials, into: ctx)
            try TLSContext.setProtocols(protocols, role, ctx)
        } catch {
            SSL_CTX_free(ctx)
            throw error
        }
        copenssl_set_callbacks(ctx, role == .server ? 1 : 0, tlsVerify, tlsAlert)
        self.role = role
        self.clock = clock
        judgesTimeLater =
            role == .client && TrustStore.isOfDevelopment(contents: credentials.trust.bytes)
        if judgesTimeLater { copenssl_check_times(SSL_CTX_get0_param(ctx), 0) }
        notAfter = copenssl_time(X509_get0_notAfter(SSL_CTX_get0_certificate(ctx)))
        frozen = FrozenContext(pointer: ctx)
    }

    deinit { SSL_CTX_free(frozen.pointer) }

    /// A new SSL of this context; nil when memory is short.
    func makeSSL() -> OpaquePointer? {
        guard let ssl = SSL_new(frozen.pointer) else { return nil }
        if let clock { X509_VERIFY_PARAM_set_time(SSL_get0_param(ssl), time_t(clock())) }
        return ssl
    }

    /// Judges a certificate and its chain as a handshake with this context would: for connections that began under an older one, and for times that
    /// were left alone then. Nil: still good.
    /// - Parameter time: seconds since 1970; nil: by the context's clock.
    func judge(
        _ certificate: OpaquePointer, chain: OpaquePointer?, peer: String, at time: Int64? = nil
    ) -> String? {
        guard let store = X509_STORE_CTX_new() else { return "no memory to check the \(peer) certificate" }
        defer { X509_STORE_CTX_free(store) }
        let authorities = SSL_CTX_get_cert_store(frozen.pointer)
        guard X509_STORE_CTX_init(store, authorities, certificate, chain) == 1 else {
            return "no memory to check the \(peer) certificate"
        }
        X509_STORE_CTX_set_default(store, peer == "client" ? "ssl_client" : "ssl_server")
        let parameters = X509_STORE_CTX_get0_param(store)
        X509_VERIFY_PARAM_set1(parameters, SSL_CTX_get0_param(frozen.pointer))
        copenssl_check_times(parameters, 1)
        if let time = time ?? clock?() { X509_VERIFY_PARAM_set_time(parameters, time_t(time)) }
        defer { ERR_clear_error() }
        if X509_verify_cert(store) == 1 { return nil }
        return TLSWords.verification(X509_STORE_CTX_get_error(store), store, peer: peer)
    }

    private static func setProfile(_ ctx: OpaquePointer) throws(NetworkError) {
        copenssl_no_sessions(ctx)
        copenssl_event_loop_modes(ctx)
        copenssl_limit_chain(ctx, maxChainBytes)
        SSL_CTX_set_security_level(ctx, 2)  // no SHA-1, no RSA below 2048 bits, whatever openssl.cnf says
        let good =
            copenssl_only_tls13(ctx) == 1 && SSL_CTX_set_ciphersuites(ctx, suites) == 1
            && copenssl_set_groups(ctx, groups) == 1
            && copenssl_set_signature_algorithms(ctx, signatures) == 1
        if !good { throw NetworkError("OpenSSL refuses the TLS profile: \(TLSErrors.takeAll())") }
    }

    private static func load(_ credentials: TLSCredentials, into ctx: OpaquePointer) throws(NetworkError) {
        let chain = credentials.chain
        try expect(copenssl_use_chain(ctx, chain.bytes, chain.bytes.count), chain, "certificate")
        let key = credentials.key
        let taken = copenssl_use_key(ctx, key.bytes, key.bytes.count)
        if taken == -2 {
            throw NetworkError(
                "the private key in \(key.name) is encrypted: decrypt it, and keep the file private")
        }
        if taken == -1 || (taken == 1 && SSL_CTX_check_private_key(ctx) != 1) {
            _ = TLSErrors.takeAll()
            throw NetworkError(
                "the private key in \(key.name) does not belong to the certificate in \(chain.name): "
                    + "give the pair that was made together")
        }
        try expect(taken, key, "private key")
        let trust = credentials.trust
        try expect(copenssl_trust(ctx, trust.bytes, trust.bytes.count), trust, "certificate of an authority")
        for list in credentials.revocationLists {
            try expect(
                copenssl_use_revocation_lists(ctx, list.bytes, list.bytes.count), list, "revocation list")
        }
        if !credentials.revocationLists.isEmpty { copenssl_check_revocation(ctx) }
        ERR_clear_error()  // the reader's "no more PEM" is not an error
    }

    private static func expect(_ taken: Int32, _ source: PEMSource, _ what: String) throws(NetworkError) {
        if taken > 0 { return }
        let detail = TLSErrors.takeAll()
        if taken == 0 { throw NetworkError("\(source.name) holds no \(what) in PEM form") }
        throw NetworkError("the \(what) in \(source.name) cannot be used: \(detail)")
    }

    private static func setProtocols(
        _ names: [String], _ role: Role, _ ctx: OpaquePointer
    ) throws(NetworkError) {
        var wire: [UInt8] = []
        for name in names {
            guard let size = UInt8(exactly: name.utf8.count), size > 0 else {
                throw NetworkError("the protocol name \"\(name)\" is empty or longer than 255 bytes")
            }
            wire.append(size)
            wire.append(contentsOf: name.utf8)
        }
        if role == .server {
            copenssl_set_server_protocols(ctx, wire, UInt32(wire.count))
        } else if SSL_CTX_set_alpn_protos(ctx, wire, UInt32(wire.count)) != 0 {
            throw NetworkError("OpenSSL refuses the protocol names")
        }
    }
}

/// OpenSSL's error queue of this thread.
enum TLSErrors {
    /// All reasons, oldest first, and an empty queue.
    static func takeAll() -> String {
        var reasons: [String] = []
        while case let code = ERR_get_error(), code != 0 { reasons.append(reason(code)) }
        return reasons.isEmpty ? "no reason given" : reasons.joined(separator: ", ")
    }

    static func reason(_ code: UInt) -> String {
        if let text = ERR_reason_error_string(code) { return String(cString: text) }
        return "error \(code)"
    }
}
