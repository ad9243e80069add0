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
    switch scalar.value {
    case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
    case 0x3000: " "
    default: scalar
    }
}

/// Without the white space around it. White space is what Unicode calls so; no locale is asked.
func trimmed(_ text: String) -> Substring {
    var rest = Substring(text)
    while let first = rest.unicodeScalars.first, first.properties.isWhitespace {
        rest.unicodeScalars.removeFirst()
    }
    while let last = rest.unicodeScalars.last, last.properties.isWhitespace {
        rest.unicodeScalars.removeLast()
    }
    return rest
}
