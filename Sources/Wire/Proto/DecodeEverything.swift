/// The entry for a fuzzer: decodes `bytes` as each of `types` with every policy, and checks what must hold whatever the
/// bytes are. Returns the first type that breaks it, nil when all is well; a trap is a finding by itself.
///
/// What holds: the encoding of an accepted message is accepted again and is a fixed point; a stricter policy accepts
/// nothing that a looser one refuses.
package func decodeEverything(_ bytes: [UInt8], as types: [any Message.Type]) -> (any Message.Type)? {
    types.first { !staysSound(bytes, $0) }
}

private func staysSound<M: Message>(_ bytes: [UInt8], _ type: M.Type) -> Bool {
    var accepted: [Bool] = []
    for policy in [UnknownFieldPolicy.refuse, .keep, .discard] {
        let value = try? M(decoding: bytes, unknownFields: policy)
        accepted.append(value != nil)
        guard let value else { continue }
        let encoding = value.encoded()
        guard let again = try? M(decoding: encoding, unknownFields: policy), again.encoded() == encoding
        else { return false }
    }
    // refuse implies keep; keep and discard take the same bytes, but for the memory that keeping takes.
    return (!accepted[0] || accepted[1]) && (!accepted[1] || accepted[2])
}
