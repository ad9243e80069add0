import COpenSSL

/// One block of a PEM file.
package struct PEMBlock: Sendable, Hashable {
    /// What stands after BEGIN, e.g. `CERTIFICATE`; `ENCRYPTED` for old-style encrypted keys.
    package var name: String
    package var der: [UInt8]
}

/// The text armour of RFC 7468.
package enum PEM {
    /// Blocks in one file: a CA bundle or a file of several CRLs has a handful.
    package static let blockLimit = 64

    /// Every block, in order; empty when there is none. Blocks after the limit are not read.
    package static func decode(_ text: [UInt8]) -> [PEMBlock] {
        var blocks: [PEMBlock] = []
        while blocks.count < blockLimit {
            var name = [CChar](repeating: 0, count: 64)
            let found = co_pem_block(text, text.count, blocks.count, &name, name.count)
            guard let der = try? Libcrypto.take(found, "PEM") else { break }
            let label = name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:))
            blocks.append(PEMBlock(name: String(decoding: label, as: UTF8.self), der: der))
        }
        return blocks
    }

    package static func encode(_ name: String, _ der: [UInt8]) throws(CryptoError) -> [UInt8] {
        try Libcrypto.take(co_pem_write(name, der, der.count), "PEM")
    }
}
