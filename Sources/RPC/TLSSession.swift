// One SSL over one non-blocking socket. The rules are those of OpenSSL 3.0 in an event loop:
// - the error queue is empty before each call, and the error is asked for right after it, on the same thread;
// - a read may want output and a write may want input (KeyUpdate): both wants are kept, and on any readiness the
//   pending operation is tried again;
// - while a record is begun that the socket did not take, an answer to KeyUpdate must wait: OpenSSL would write it into
//   the record and fail, so records are read one by one, and none behind a wish for new keys, until the record is out;
// - after a fatal error nothing more is done with the SSL but to free it;
// - what OpenSSL holds back in its own buffer makes no descriptor readable: `hasBuffered` tells of it.

import COpenSSL
import Wire

/// What came of one step.
enum TLSStep {
    /// Bytes moved; for a handshake: it is done.
    case done(Int)
    /// Nothing now: go on when the socket is ready.
    case wait
    /// The peer has ended the connection: `clean` with close_notify, otherwise the line just ended.
    case ended(clean: Bool)
    case failed(TLSProblem)
}

final class TLSSession {
    /// A read waits for room to write.
    private(set) var readWantsOutput = false
    /// A write waits for input.
    private(set) var writeWantsInput = false
    /// A record was begun that the socket did not take: the same write has to be tried again.
    private var writeBegun = false {
        // One read of OpenSSL's may go over several KeyUpdates that were read ahead.
        didSet { if writeBegun != oldValue { SSL_set_read_ahead(ssl, writeBegun ? 0 : 1) } }
    }
    /// Reading must wait for the record that was begun: the peer has asked for new keys, and OpenSSL answers such a wish,
    /// when another one comes in, without looking whether a record is begun ("bad write retry").
    var readWaitsForWrite: Bool { writeBegun && SSL_get_key_update_type(ssl) != SSL_KEY_UPDATE_NONE }
    /// The peer, once its certificate has been judged.
    private(set) var peerURI: [UInt8] = []

    /// What the handshake began with: a reload gives later ones another.
    let context: TLSContext
    private let ssl: OpaquePointer
    private let role: TLSContext.Role
    private let expectedPeer: [UInt8]?
    private var judgement: String?
    private var received: UInt8?
    private var sent: UInt8?
    private var dead = false
    /// Ciphertext read when the last application data came.
    private var quietSince: UInt64 = 0

    /// Ciphertext without application data that a peer may send in a row: KeyUpdates, empty and padded records. OpenSSL
    /// 3.0 itself has no limit. Our own peers send none; 64 KiB are two thousand KeyUpdates.
    static let maxQuietBytes: UInt64 = 64 << 10

    /// `expectedPeer`: the identity the other side must show; nil: any well-formed one.
    init(_ context: TLSContext, descriptor: Int32, expectedPeer: [UInt8]? = nil) throws(TLSProblem) {
        guard let ssl = context.makeSSL() else { throw TLSProblem("no memory for a TLS session") }
        self.ssl = ssl
        self.context = context
        role = context.role
        self.expectedPeer = expectedPeer
        guard SSL_set_fd(ssl, descriptor) == 1 else { throw TLSProblem("no memory for a TLS session") }
        copenssl_set_owner(ssl, Unmanaged.passUnretained(self).toOpaque())
        if role == .server { SSL_set_accept_state(ssl) } else { SSL_set_connect_state(ssl) }
    }

    deinit { SSL_free(ssl) }

    /// Ciphertext on the line so far.
    var bytesRead: UInt64 { copenssl_bytes_read(ssl) }
    var bytesWritten: UInt64 { copenssl_bytes_written(ssl) }
    /// OpenSSL holds bytes that no readiness will announce.
    var hasBuffered: Bool { SSL_has_pending(ssl) == 1 }

    /// The protocol agreed by ALPN, empty when there is none.
    var applicationProtocol: String {
        var data: UnsafePointer<UInt8>?
        var size: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &data, &size)
        return String(
            decoding: UnsafeBufferPointer(start: data, count: data == nil ? 0 : Int(size)), as: UTF8.self)
    }

    var cipher: String { SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)).map { String(cString: $0) } ?? "" }

    /// The peer of a finished handshake.
    func peer(address: String) -> PeerIdentity? {
        guard let certificate = SSL_get0_peer_certificate(ssl) else { return nil }
        return CertificateReader.peer(certificate, uri: peerURI, address: address)
    }

    /// Why the peer's certificate would be refused by a newer context, or at another time (seconds since 1970); nil: it would not.
    func refusal(by context: TLSContext, at time: Int64? = nil) -> String? {
        guard let certificate = SSL_get0_peer_certificate(ssl) else { return "the peer has no certificate" }
        let peer = role == .server ? "client" : "server"
        return context.judge(
            certificate, chain: SSL_get_peer_cert_chain(ssl), peer: peer, at: time)
    }

    // MARK: Steps

    func handshake() -> TLSStep {
        if dead { return .ended(clean: false) }
        ERR_clear_error()
        let r = SSL_do_handshake(ssl)
        readWantsOutput = false
        if r != 1 { return outcome(r, reading: true) }
        quietSince = bytesRead
        return .done(0)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) -> TLSStep {
        if dead { return .ended(clean: false) }
        if readWaitsForWrite { return .wait }
        ERR_clear_error()
        let r = SSL_read(ssl, buffer.baseAddress, Int32(clamping: buffer.count))
        readWantsOutput = false
        if r > 0 {
            quietSince = bytesRead
            return .done(Int(r))
        }
        let step = outcome(r, reading: true)
        if case .wait = step, bytesRead &- quietSince > TLSSession.maxQuietBytes {
            dead = true
            return .failed(
                TLSProblem(
                    "the peer sent \(TLSSession.maxQuietBytes) bytes of TLS records without any content"))
        }
        return step
    }

    /// Writes one record at most; never call it with nothing to write.
    func write(_ bytes: UnsafeRawBufferPointer) -> TLSStep {
        if dead { return .ended(clean: false) }
        ERR_clear_error()
        let r = SSL_write(ssl, bytes.baseAddress, Int32(clamping: bytes.count))
        writeWantsInput = false
        writeBegun = r <= 0
        return r > 0 ? .done(Int(r)) : outcome(r, reading: false)
    }

    /// Says that we end. Never after a failure: there the alert has been sent, or nothing can be.
    /// - Returns: false when the socket is full and it has to be called again; true when nothing is left to do.
    func sendCloseNotify() -> Bool {
        if dead || SSL_is_init_finished(ssl) != 1 { return true }
        ERR_clear_error()
        let r = SSL_shutdown(ssl)
        let isWaiting = r < 0 && SSL_get_error(ssl, r) == SSL_ERROR_WANT_WRITE
        ERR_clear_error()
        return !isWaiting
    }

    /// Sends a KeyUpdate at once. Our connections never need one: a key lasts for 2^24 records and more. For tests.
    /// - Parameter requested: asks the peer for one of its own.
    func sendKeyUpdate(requested: Bool = false) -> Bool {
        if dead { return false }
        ERR_clear_error()
        let kind = requested ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED
        guard SSL_key_update(ssl, kind) == 1 else { return false }
        let sent = SSL_do_handshake(ssl) == 1
        ERR_clear_error()
        return sent
    }

    private func outcome(_ result: Int32, reading: Bool) -> TLSStep {
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ:
            if !reading { writeWantsInput = true }
            return .wait
        case SSL_ERROR_WANT_WRITE:
            if reading { readWantsOutput = true }
            return .wait
        case SSL_ERROR_ZERO_RETURN:
            return .ended(clean: true)
        case SSL_ERROR_SYSCALL:
            dead = true
            return .ended(clean: false)
        default:
            dead = true
            return fatal()
        }
    }

    private func fatal() -> TLSStep {
        let first = ERR_get_error()
        ERR_clear_error()
        // OpenSSL 3.0 calls an end without close_notify an error. Frames have lengths, so nothing can be cut unseen.
        if first & 0x7fffff == UInt(SSL_R_UNEXPECTED_EOF_WHILE_READING) { return .ended(clean: false) }
        let peer = role == .server ? "client" : "server"
        var words = judgement ?? TLSWords.library(first, peer: peer)
        if judgement == nil, let received {
            words = "the \(peer) ended TLS with the alert \(TLSWords.alert(received))"
        }
        return .failed(TLSProblem(words, received: received, sent: sent))
    }

    // MARK: Callbacks

    fileprivate func judge(_ preverified: Bool, _ store: OpaquePointer) -> Bool {
        let peer = role == .server ? "client" : "server"
        if !preverified {
            judgement = TLSWords.verification(X509_STORE_CTX_get_error(store), store, peer: peer)
            return false
        }
        guard X509_STORE_CTX_get_error_depth(store) == 0 else { return true }
        guard let certificate = X509_STORE_CTX_get_current_cert(store) else { return false }
        guard CertificateReader.mayActAs(role == .server ? .client : .server, certificate) else {
            return refuse(store, X509_V_ERR_INVALID_PURPOSE, TLSWords.purpose(peer))
        }
        switch CertificateReader.identity(of: certificate) {
        case .refused(let why):
            return refuse(store, X509_V_ERR_HOSTNAME_MISMATCH, "\(peer) certificate \(why)")
        case .identity(let uri):
            peerURI = uri
        }
        if let expectedPeer, expectedPeer != peerURI {
            let shown = String(decoding: peerURI, as: UTF8.self)
            let wanted = printable(String(decoding: expectedPeer, as: UTF8.self))
            return refuse(
                store, X509_V_ERR_HOSTNAME_MISMATCH, "\(peer) certificate is for \(shown), not for \(wanted)")
        }
        return true
    }

    private func refuse(_ store: OpaquePointer, _ code: Int32, _ words: String) -> Bool {
        X509_STORE_CTX_set_error(store, code)  // hostname mismatch becomes the alert bad_certificate
        judgement = words
        return false
    }

    fileprivate func noteAlert(sent isSent: Bool, _ description: UInt8) {
        if description == 0 { return }  // close_notify
        if isSent { sent = description } else { received = description }
    }
}

/// OpenSSL's callbacks; `owner` is the session, which outlives its SSL.
let tlsVerify: copenssl_verify = { owner, preverified, store in
    guard let owner, let store else { return 0 }
    let session = Unmanaged<TLSSession>.fromOpaque(owner).takeUnretainedValue()
    return session.judge(preverified == 1, store) ? 1 : 0
}

let tlsAlert: copenssl_alert = { owner, sent, _, description in
    guard let owner else { return }
    let session = Unmanaged<TLSSession>.fromOpaque(owner).takeUnretainedValue()
    session.noteAlert(sent: sent != 0, UInt8(truncatingIfNeeded: description))
}
