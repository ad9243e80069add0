/// The body of a HELLO frame (PROTOCOL.md 6, Protocol/wire/hello.proto): generated, as it is read once a connection.
package typealias Hello = WireV1.Hello

extension WireV1.Hello {
    package static let maxSoftwareBytes = 128
    package static let maxFingerprintBytes = 64
    package static let maxCheckpointBytes = 4096

    /// The field that is longer than it may be, in words for the peer; nil: all are fine.
    package var excess: String? {
        for (name, count, limit) in [
            ("software", software.utf8.count, Self.maxSoftwareBytes),
            ("schema_fingerprint", schemaFingerprint.count, Self.maxFingerprintBytes),
            ("checkpoint", checkpoint.count, Self.maxCheckpointBytes),
        ] where count > limit {
            return "\(name) has \(count) bytes, the limit is \(limit)"
        }
        return nil
    }

    /// Whether both sides speak `version`; 0 stands for 1.
    package func speaks(_ version: UInt32) -> Bool {
        max(minVersion, 1) <= version && max(maxVersion, 1) >= version
    }
}
