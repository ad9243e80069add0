/// Three ASCII words in a row, the mark of an English sentence in a Chinese text; nil: there are none. A command line that is quoted begins with
/// `twolists` and is none.
package func englishSentence(in text: String) -> String? {
    var run: [Substring] = []
    for word in text.split(
        omittingEmptySubsequences: true, whereSeparator: { $0 == " " || !$0.isASCII || $0 == "\n" })
    {
        // A gap that is more than one blank is Chinese text, or a new line.
        let isNext = run.last.map { text[$0.endIndex..<word.startIndex] == " " } ?? true
        if !isNext { run = [] }
        guard word.contains(where: \.isLetter), !word.contains("/"), !word.contains("_") else {
            run = []
            continue
        }
        run.append(word)
        if run.count >= 3, run.first != "twolists" { return run.joined(separator: " ") }
    }
    return nil
}
