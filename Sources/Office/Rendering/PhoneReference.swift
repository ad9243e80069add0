import Exchange

/// The code a clerk can quote on the phone, from the target id alone: the same on this side and at the bureau, before any number exists.
package enum PhoneReference {
    /// `7K3F-Q2MX-C`; empty for bytes that are no target id.
    package static func of(_ target: [UInt8]) -> String {
        EntityID(target).map { ReferenceCode($0).text } ?? ""
    }
}
