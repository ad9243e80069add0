/// Folds the full-width forms that input methods leave behind: `４２１３０３` → `421303`, `Ｘ` → `X`, U+3000 →
/// space. Only U+FF01–U+FF5E and the ideographic space change; everything else stays as typed.
package func foldedFullWidth(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 >= 0x80 }) else { return text }
    var folded = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { folded.append(foldedFullWidth(scalar)) }
    return String(folded)
}

/// The same for one scalar.
func foldedFullWidth(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    Unicode.Scalar(foldedFullWidth(scalar.value)) ?? scalar
}

/// The same for a scalar's number.
func foldedFullWidth(_ scalar: UInt32) -> UInt32 {
    switch scalar {
    case 0xFF01...0xFF5E: scalar - 0xFEE0
    case 0x3000: 0x20
    default: scalar
    }
}

/// Whether Unicode calls a scalar white space. The set has not changed since Unicode 6.3; written down, it is
/// the same on every machine and costs no look-up in the library's tables.
func isWhiteSpace(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
}

/// Without the white space around it. White space is what Unicode calls so; no locale is asked.
func trimmed(_ text: String) -> Substring {
    var rest = Substring(text)
    while let first = rest.unicodeScalars.first, isWhiteSpace(first.value) {
        rest.unicodeScalars.removeFirst()
    }
    while let last = rest.unicodeScalars.last, isWhiteSpace(last.value) {
        rest.unicodeScalars.removeLast()
    }
    return rest
}
