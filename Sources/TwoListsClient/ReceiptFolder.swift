import Crypto
public import Schema
import Wire

/// Receipts on disc, each beside the command it is about. RECEIPT.md 8.
///
///     ID.command     the line "twolists-command/1", then the encoded SignedEnvelope
///     ID.receipt     the line "twolists-receipt/1", then the encoded Receipt; ID: 32 hex digits
public struct ReceiptFolder: Sendable {
    /// An envelope of 256 KiB with signature and certificate; a receipt has less than 8 KiB.
    private static let largestBytes = 320 << 10

    public let path: String

    public init(path: String) { self.path = path }

    /// What one file is, by its first line.
    public enum Kind: String, Sendable {
        case command = "twolists-command/1"
        case receipt = "twolists-receipt/1"
        case consistency = "twolists-consistency/1"

        var mark: [UInt8] { Array((rawValue + "\n").utf8) }
    }

    func make() throws(ClientError) {
        try Self.failing { () throws(CryptoError) in try DurableFile.makeDirectory(path) }
    }

    /// A whole receipt that came another way, a disc's, with its command.
    public func keep(_ receipt: Receipt, _ signed: SignedEnvelope, id: [UInt8]) throws(ClientError) {
        try write(receipt, signed, id: id)
    }

    /// Writes both; they are safe on disc when this returns.
    func write(_ receipt: Receipt, _ signed: SignedEnvelope, id: [UInt8]) throws(ClientError) {
        let name = path + "/" + Hex.encode(id)
        try Self.failing { () throws(CryptoError) in
            try DurableFile.makeDirectory(path)
            try DurableFile.replace(
                name + ".command", Kind.command.mark + signed.encoded(), mode: 0o600)
            try DurableFile.replace(name + ".receipt", Self.content(of: receipt), mode: 0o600)
        }
    }

    /// A receipt as a file holds it.
    public static func content(of receipt: Receipt) -> [UInt8] { Kind.receipt.mark + receipt.encoded() }

    /// A consistency proof as a file holds it.
    public static func content(of proof: ConsistencyProof) -> [UInt8] {
        Kind.consistency.mark + proof.encoded()
    }

    /// - Throws: `.configuration` naming the file that is none.
    public static func receipt(file: String) throws(ClientError) -> Receipt {
        try message(file, .receipt)
    }

    public static func consistency(file: String) throws(ClientError) -> ConsistencyProof {
        try message(file, .consistency)
    }

    /// The envelope's bytes, from a command file or as they are.
    public static func envelope(file: String) throws(ClientError) -> [UInt8] {
        let bytes = try read(file)
        guard bytes.starts(with: Kind.command.mark) else { return bytes }
        let signed: SignedEnvelope = try message(file, .command)
        return signed.envelope
    }

    private static func message<M: Message>(_ file: String, _ kind: Kind) throws(ClientError) -> M {
        let bytes = try read(file)
        guard bytes.starts(with: kind.mark) else {
            throw unusable(file, "the first line is not \(kind.rawValue)")
        }
        do { return try M(decoding: Array(bytes.dropFirst(kind.mark.count))) } catch {
            throw unusable(file, "\(error)")
        }
    }

    private static func read(_ file: String) throws(ClientError) -> [UInt8] {
        try failing { () throws(CryptoError) in try DurableFile.read(file, limit: largestBytes) }
    }

    private static func unusable(_ file: String, _ why: String) -> ClientError {
        ClientError(.client, .configuration, .configuration, detail: "\(file): \(why)")
    }

    private static func failing<R>(_ body: () throws(CryptoError) -> R) throws(ClientError) -> R {
        do throws(CryptoError) { return try body() } catch {
            throw ClientError(.client, .configuration, .notKept, detail: error.description)
        }
    }
}
