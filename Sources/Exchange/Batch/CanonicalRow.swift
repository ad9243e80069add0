/// A row as it is sent, sealed, digested and kept: the canonical texts of its fields (FieldFormat) in the kind's order. Equal values are equal bytes.
///
///     1 byte       form, 1
///     each field   its length in bytes as LEB128, then its UTF-8 bytes; length 0: empty
///
/// A row stands alone, so that it can be sealed under its person's key and the others stay readable. Kind and version stand once, with the batch.
package enum CanonicalRow {
    package static let form: UInt8 = 1

    package enum Fault: Error, Sendable, Hashable {
        /// Not of this form, cut, or with bytes left over.
        case malformed
        case tooLong
    }

    package static func append(_ field: ArraySlice<UInt8>, to row: inout [UInt8]) {
        var count = UInt64(field.count)
        while count >= 0x80 {
            row.append(UInt8(truncatingIfNeeded: count) | 0x80)
            count >>= 7
        }
        row.append(UInt8(truncatingIfNeeded: count))
        row.append(contentsOf: field)
    }

    /// The fields' places in the bytes.
    /// - Parameter fields: how many there must be.
    package static func fields(_ row: [UInt8], fields: Int) throws(Fault) -> [Range<Int>] {
        guard row.count <= BatchLimits.rowBytes else { throw .tooLong }
        guard row.first == form else { throw .malformed }
        var places: [Range<Int>] = []
        places.reserveCapacity(fields)
        var index = 1
        for _ in 0..<fields {
            let count = try length(row, &index)
            guard count <= row.count - index else { throw .malformed }
            places.append(index..<(index + count))
            index += count
        }
        guard index == row.count else { throw .malformed }
        return places
    }

    /// Three bytes at most: a row is shorter. A longer way to write a short length is none.
    private static func length(_ row: [UInt8], _ index: inout Int) throws(Fault) -> Int {
        var value = 0
        for shift in [0, 7, 14] {
            guard index < row.count else { throw .malformed }
            let byte = row[index]
            index += 1
            value |= Int(byte & 0x7F) << shift
            if byte < 0x80 {
                guard shift == 0 || byte != 0 else { throw .malformed }
                return value
            }
        }
        throw .malformed
    }
}

extension FieldFormat {
    /// A canonical text as people read it: money in yuan, the name of a choice. It can be typed again and gives the same canonical text.
    package func shown(_ canonical: String) -> String {
        switch self {
        case .money: Int64(canonical).map(AmountText.yuan) ?? canonical
        case .yesNo: canonical == "yes" ? "是" : canonical == "no" ? "否" : canonical
        case .choice(let choices):
            choices.first { haveSameBytes($0.code, canonical) }?.names.first ?? canonical
        default: canonical
        }
    }
}
