/// A pull parser for the XML that spreadsheets are made of: UTF-8, elements, attributes, text, CDATA, comments, the five entities and
/// character references. A document type is refused (nothing in a spreadsheet needs one, and entities are how small files grow).
/// Names are matched by their local part: programs choose prefixes freely, and the elements read here are told apart by it.
///
/// It holds one tag, or a piece of text, at a time. Not checked, since nothing here rests on it: names beyond ASCII, `]]>` in text,
/// namespaces declared. Text and values are checked to be UTF-8 where they are made a String.
struct XMLReader: ~Copyable {
    enum Event: Sendable, Hashable {
        /// `isNamed` and `attribute` tell of the element.
        case start
        /// `isNamed` tells of the element.
        case end
        /// A piece of text is in `text`; one text may come in several.
        case text
        case finished
    }

    let part: String
    private var stream: MemberStream
    private let limits: SpreadsheetLimits
    private var buffer: [UInt8] = []
    /// The next byte to read, in the buffer, and where the buffer begins in the part.
    private var at = 0
    private var base = 0
    /// Names of the open elements behind each other, and where each begins.
    private var openNames: [UInt8] = []
    private var openStarts: [Int] = []
    /// The local name of the element told of last.
    private var local = 0..<0
    private var attributes: [Attribute] = []
    private(set) var text: [UInt8] = []
    private var state = State.fresh
    private var skipsLineFeed = false

    private enum State {
        case fresh
        case prolog
        case content
        /// In an element that was `<a/>`: its end is told next.
        case emptyElement
        case cdata
        case epilog
    }

    private struct Attribute {
        var name: Range<Int>
        /// Behind the prefix.
        var local: Range<Int>
        var value: Range<Int>
        var hasReferences: Bool
    }

    init(_ stream: consuming MemberStream, limits: SpreadsheetLimits) {
        part = stream.name
        self.stream = stream
        self.limits = limits
    }

    /// Open elements.
    var depth: Int { openStarts.count }

    mutating func next() throws(SpreadsheetFault) -> Event {
        if state == .fresh { try begin() }
        while true {
            switch state {
            case .emptyElement:
                close()
                return .end
            case .cdata:
                if try cdata() { return .text }
            default:
                if let event = try read() { return event }
            }
        }
    }

    /// Goes behind the end of the element whose start was told last.
    mutating func skipElement() throws(SpreadsheetFault) {
        let outer = depth - 1
        while depth > outer, try next() != .finished {}
    }

    // MARK: What was told

    func isNamed(_ name: StaticString) -> Bool { matches(local, name) }

    /// The value of an attribute without prefix, or of any with one; nil when there is none.
    func attribute(_ name: StaticString, prefixed: Bool = false) throws(SpreadsheetFault) -> String? {
        guard let found = find(name, prefixed) else { return nil }
        var value = Array(buffer[found.value])
        if found.hasReferences { value = try resolved(value[...]) }
        guard let text = String(validating: value, as: UTF8.self) else { throw fault(.notUTF8) }
        return text
    }

    /// The bytes of an attribute without prefix as they stand, for what holds no references; empty: there is none.
    func rawAttribute(_ name: StaticString) -> ArraySlice<UInt8> {
        if let found = find(name, false) { buffer[found.value] } else { [] }
    }

    private func find(_ name: StaticString, _ prefixed: Bool) -> Attribute? {
        for attribute in attributes where matches(attribute.local, name) {
            if (attribute.local != attribute.name) == prefixed { return attribute }
        }
        return nil
    }

    private func matches(_ range: Range<Int>, _ name: StaticString) -> Bool {
        guard range.count == name.utf8CodeUnitCount else { return false }
        let wanted = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        for offset in 0..<range.count where buffer[range.lowerBound + offset] != wanted[offset] {
            return false
        }
        return true
    }

    func fault(_ problem: SpreadsheetFault.XML) -> SpreadsheetFault {
        SpreadsheetFault(.xml(problem), part: part, byte: base + at)
    }

    private func beyond(_ name: SpreadsheetLimits.Name, _ limit: Int) -> SpreadsheetFault {
        SpreadsheetFault(.limit(name, limit), part: part, byte: base + at)
    }

    // MARK: Bytes

    /// Makes `count` bytes lie before the reader, if the part has them.
    private mutating func ensure(_ count: Int) throws(SpreadsheetFault) -> Bool {
        while buffer.count - at < count { if try !refill() { return false } }
        return true
    }

    private mutating func refill() throws(SpreadsheetFault) -> Bool {
        buffer.removeSubrange(..<at)
        base += at
        at = 0
        return try stream.next(into: &buffer)
    }

    private func lies(_ word: StaticString) -> Bool {
        guard buffer.count - at >= word.utf8CodeUnitCount else { return false }
        return matches(at..<at + word.utf8CodeUnitCount, word)
    }

    /// Goes behind the next `mark`.
    private mutating func skip(behind mark: StaticString) throws(SpreadsheetFault) {
        while try ensure(mark.utf8CodeUnitCount) {
            if lies(mark) {
                at += mark.utf8CodeUnitCount
                return
            }
            at += 1
        }
        throw fault(.truncated)
    }

    // MARK: Prolog

    private mutating func begin() throws(SpreadsheetFault) {
        state = .prolog
        _ = try ensure(4)
        if buffer.starts(with: [0xFE, 0xFF]) || buffer.starts(with: [0xFF, 0xFE])
            || buffer.starts(with: [0, 0x3C])
            || buffer.starts(with: [0x3C, 0])
        {
            throw fault(.utf16)
        }
        if buffer.starts(with: [0xEF, 0xBB, 0xBF]) { at = 3 }
        guard try ensure(6), lies("<?xml"), Self.isBlank(buffer[at + 5]) else { return }
        let start = at
        // The declaration fits into what is there: one that does not is none.
        _ = try ensure(1_024)
        try skip(behind: "?>")
        guard start < at else { return }
        try checkEncoding(buffer[start..<at])
    }

    private func checkEncoding(_ declaration: ArraySlice<UInt8>) throws(SpreadsheetFault) {
        let words = declaration.split {
            Self.isBlank($0) || $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: "?")
        }
        guard let place = words.firstIndex(where: { $0.elementsEqual("encoding".utf8) }),
            place + 1 < words.count
        else { return }
        let named = words[place + 1].dropFirst().dropLast().map {
            (0x41...0x5A).contains($0) ? $0 | 0x20 : $0
        }
        guard ["utf-8", "utf8", "us-ascii"].contains(where: { named.elementsEqual($0.utf8) }) else {
            throw fault(.encoding)
        }
    }

    // MARK: Markup

    /// Nil when what was read is nothing to tell.
    private mutating func read() throws(SpreadsheetFault) -> Event? {
        guard try ensure(1) else { return try finish() }
        guard buffer[at] == UInt8(ascii: "<") else { return try readText() ? .text : nil }
        skipsLineFeed = false
        guard try ensure(2) else { throw fault(.truncated) }
        switch buffer[at + 1] {
        case UInt8(ascii: "/"):
            try whole { (reader) throws(SpreadsheetFault) in try reader.endTag() }
            close()
            return .end
        case UInt8(ascii: "!"): try declaration()
        case UInt8(ascii: "?"):
            at += 2
            try skip(behind: "?>")
        default:
            guard state != .epilog else { throw fault(.outsideRoot) }
            try whole { (reader) throws(SpreadsheetFault) in try reader.startTag() }
            return .start
        }
        return nil
    }

    /// A comment, or the beginning of character data.
    private mutating func declaration() throws(SpreadsheetFault) {
        // The longest mark to tell apart; fewer bytes are there only at the part's end.
        _ = try ensure(9)
        if lies("<!--") {
            at += 4
            try skip(behind: "-->")
        } else if lies("<![CDATA[") {
            guard state == .content else { throw fault(.outsideRoot) }
            at += 9
            state = .cdata
        } else {
            throw fault(lies("<!DOCTYPE") ? .doctype : .tag)
        }
    }

    private func finish() throws(SpreadsheetFault) -> Event {
        if !openStarts.isEmpty { throw fault(.truncated) }
        if state != .epilog { throw fault(.noRoot) }
        return .finished
    }

    /// Reads a tag from its beginning, again with more bytes as long as it is not whole.
    private mutating func whole(
        _ tag: (inout XMLReader) throws(SpreadsheetFault) -> Bool
    ) throws(SpreadsheetFault) {
        while try !tag(&self) {
            guard buffer.count - at <= limits.tagBytes else { throw beyond(.tagBytes, limits.tagBytes) }
            guard try refill() else { throw fault(.truncated) }
        }
    }

    /// False when the tag is not whole; nothing is changed then.
    private mutating func endTag() throws(SpreadsheetFault) -> Bool {
        guard let name = try name(from: at + 2) else { return false }
        var end = name.upperBound
        while end < buffer.count, Self.isBlank(buffer[end]) { end += 1 }
        guard end < buffer.count else { return false }
        guard buffer[end] == UInt8(ascii: ">") else { throw fault(.tag) }
        guard closes(name) else { throw fault(.mismatchedEnd) }
        local = localPart(name)
        at = end + 1
        return true
    }

    private mutating func close() {
        if let start = openStarts.popLast() { openNames.removeLast(openNames.count - start) }
        state = openStarts.isEmpty ? .epilog : .content
    }

    private mutating func startTag() throws(SpreadsheetFault) -> Bool {
        guard let name = try name(from: at + 1) else { return false }
        attributes.removeAll(keepingCapacity: true)
        var end = name.upperBound
        while true {
            let blanks = end
            while end < buffer.count, Self.isBlank(buffer[end]) { end += 1 }
            guard end + 1 < buffer.count || end < buffer.count && buffer[end] == UInt8(ascii: ">") else {
                return false
            }
            if buffer[end] == UInt8(ascii: ">") { break }
            if buffer[end] == UInt8(ascii: "/") {
                guard buffer[end + 1] == UInt8(ascii: ">") else { throw fault(.tag) }
                break
            }
            guard end > blanks else { throw fault(.tag) }
            guard let next = try attribute(from: end) else { return false }
            end = next
        }
        guard end - at < limits.tagBytes else { throw beyond(.tagBytes, limits.tagBytes) }
        guard openStarts.count < limits.depth else { throw beyond(.depth, limits.depth) }
        openStarts.append(openNames.count)
        for at in name { openNames.append(buffer[at]) }
        local = localPart(name)
        let isEmpty = buffer[end] == UInt8(ascii: "/")
        at = end + (isEmpty ? 2 : 1)
        state = isEmpty ? .emptyElement : .content
        return true
    }

    /// The byte behind the attribute that begins at `start`; nil when it is not whole.
    private mutating func attribute(from start: Int) throws(SpreadsheetFault) -> Int? {
        guard attributes.count < limits.attributes else { throw beyond(.attributes, limits.attributes) }
        guard let name = try name(from: start) else { return nil }
        var end = name.upperBound
        while end < buffer.count, Self.isBlank(buffer[end]) { end += 1 }
        guard end < buffer.count else { return nil }
        guard buffer[end] == UInt8(ascii: "=") else { throw fault(.attribute) }
        end += 1
        while end < buffer.count, Self.isBlank(buffer[end]) { end += 1 }
        guard end < buffer.count else { return nil }
        let quote = buffer[end]
        guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { throw fault(.attribute) }
        let first = end + 1
        end = first
        var hasReferences = false
        while end < buffer.count, buffer[end] != quote {
            let byte = buffer[end]
            if byte == UInt8(ascii: "<") { throw fault(.attribute) }
            if byte < 0x20, !Self.isBlank(byte) { throw fault(.character) }
            if byte == UInt8(ascii: "&") { hasReferences = true }
            end += 1
        }
        guard end < buffer.count else { return nil }
        for other in attributes where areEqual(other.name, name) { throw fault(.attributeTwice) }
        attributes.append(
            Attribute(name: name, local: localPart(name), value: first..<end, hasReferences: hasReferences))
        return end + 1
    }

    private func areEqual(_ one: Range<Int>, _ other: Range<Int>) -> Bool {
        guard one.count == other.count else { return false }
        for offset in 0..<one.count where buffer[one.lowerBound + offset] != buffer[other.lowerBound + offset]
        {
            return false
        }
        return true
    }

    /// Whether the name is that of the element opened last.
    private func closes(_ name: Range<Int>) -> Bool {
        guard let start = openStarts.last, openNames.count - start == name.count else { return false }
        for offset in 0..<name.count where buffer[name.lowerBound + offset] != openNames[start + offset] {
            return false
        }
        return true
    }

    /// A name that begins at `start`; nil when the buffer ends in it.
    private func name(from start: Int) throws(SpreadsheetFault) -> Range<Int>? {
        var end = start
        while end < buffer.count, Self.isNameByte(buffer[end]) { end += 1 }
        guard end < buffer.count else { return nil }
        guard end > start, !(0x2D...0x39).contains(buffer[start]) else { throw fault(.name) }
        guard end - start <= limits.nameBytes else { throw beyond(.nameBytes, limits.nameBytes) }
        return start..<end
    }

    private func localPart(_ name: Range<Int>) -> Range<Int> {
        for at in name where buffer[at] == UInt8(ascii: ":") { return at + 1..<name.upperBound }
        return name
    }

    static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7A, 0x41...0x5A, 0x30...0x3A, 0x5F, 0x2D, 0x2E, 0x80...0xFF: true
        default: false
        }
    }

    // MARK: Text

    /// Reads text up to the next tag or the buffer's end; false when there is nothing to tell of it.
    private mutating func readText() throws(SpreadsheetFault) -> Bool {
        text.removeAll(keepingCapacity: true)
        while at < buffer.count, buffer[at] != UInt8(ascii: "<") {
            if buffer[at] == UInt8(ascii: "&") {
                try appendReference()
            } else {
                try appendRun { $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: "&") }
            }
        }
        if state == .content { return !text.isEmpty }
        guard text.allSatisfy(Self.isBlank) else { throw fault(.outsideRoot) }
        return false
    }

    /// Reads character data up to its mark or the buffer's end; false when there is nothing to tell of it.
    private mutating func cdata() throws(SpreadsheetFault) -> Bool {
        text.removeAll(keepingCapacity: true)
        guard try ensure(3) else { throw fault(.truncated) }
        while buffer.count - at >= 3 {
            if lies("]]>") {
                at += 3
                state = .content
                skipsLineFeed = false
                break
            }
            if buffer[at] == UInt8(ascii: "]") {
                text.append(buffer[at])
                at += 1
            } else {
                try appendRun { $0 != UInt8(ascii: "]") }
            }
        }
        return !text.isEmpty
    }

    /// Appends bytes as long as `goes` lets; line ends become line feeds (XML 1.0, 2.11).
    private mutating func appendRun(_ goes: (UInt8) -> Bool) throws(SpreadsheetFault) {
        var start = at
        while at < buffer.count, goes(buffer[at]) {
            let byte = buffer[at]
            if byte >= 0x20 {
                skipsLineFeed = false
            } else if byte == 0x0D || byte == 0x0A {
                text.append(contentsOf: buffer[start..<at])
                if byte == 0x0D || !skipsLineFeed { text.append(0x0A) }
                skipsLineFeed = byte == 0x0D
                start = at + 1
            } else if byte != 0x09 {
                throw fault(.character)
            } else {
                skipsLineFeed = false
            }
            at += 1
        }
        text.append(contentsOf: buffer[start..<at])
    }

    private mutating func appendReference() throws(SpreadsheetFault) {
        skipsLineFeed = false
        _ = try ensure(XMLReference.longest)
        let ahead = buffer[at..<min(at + XMLReference.longest, buffer.count)]
        guard let end = ahead.firstIndex(of: UInt8(ascii: ";")) else { throw fault(.reference) }
        guard let scalar = XMLReference.expansion(buffer[at + 1..<end]) else { throw fault(.reference) }
        text.append(contentsOf: String(Character(scalar)).utf8)
        at = end + 1
    }

    private func resolved(_ raw: ArraySlice<UInt8>) throws(SpreadsheetFault) -> [UInt8] {
        var (value, rest) = ([UInt8](), raw)
        while let start = rest.firstIndex(of: UInt8(ascii: "&")) {
            value.append(contentsOf: rest[..<start])
            guard let end = rest[start...].prefix(XMLReference.longest).firstIndex(of: UInt8(ascii: ";"))
            else {
                throw fault(.reference)
            }
            guard let scalar = XMLReference.expansion(rest[(start + 1)..<end]) else {
                throw fault(.reference)
            }
            value.append(contentsOf: String(Character(scalar)).utf8)
            rest = rest[(end + 1)...]
        }
        return value + rest
    }
}
