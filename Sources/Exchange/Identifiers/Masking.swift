/// The one masking rule of the project. There is no second one: two different masks of one value can be laid
/// over each other.
///
/// What stays visible follows from the value itself, never from the screen it appears on:
/// - a number (only digits, X, `+`, `-`, `(`, `)` and spaces) of seven characters or more keeps its first three and its last two:
///   the customary six and four would tell the district and the order number, and with the birth
///   date known elsewhere the whole; three and two leave thirteen of an identity number's eighteen open (`421*************2X`);
/// - everything else, and short numbers, keep the first character: `王**`.
///
/// Every hidden character becomes one `*`. An empty value stays empty.
package func masked(_ value: String) -> String {
    let scalars = Array(value.unicodeScalars)
    let isNumber = scalars.allSatisfy(isNumberScalar)
    let (head, tail) = isNumber && scalars.count >= 7 ? (3, 2) : (1, 0)
    guard scalars.count > head + tail else { return String(repeating: "*", count: scalars.count) }
    var shown = String.UnicodeScalarView(scalars[..<head])
    shown.append(contentsOf: repeatElement("*", count: scalars.count - head - tail))
    shown.append(contentsOf: scalars[(scalars.count - tail)...])
    return String(shown)
}

private func isNumberScalar(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "0"..."9", "X", "x", "+", "-", "(", ")", " ": true
    default: false
    }
}
