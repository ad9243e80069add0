import Bureau
import Foundation
import RPC
import TestSupport
import Testing
import Wire

/// One vector of Protocol/vectors/frames; the format is in the README there.
struct FrameVector: CustomTestStringConvertible, Sendable {
    var name = ""
    var profile = ConnectionProfile.base
    var role = ConnectionRole.server
    var isStart = false
    var opened: [String] = []
    var call: String?
    var bytes: [UInt8] = []
    var means: [String] = []
    var answer: [UInt8] = []
    var ends: UInt32?

    var testDescription: String { "\(profile), to the \(role): \(name)" }

    static let all: [FrameVector] = (try? load()) ?? []

    static func load() throws -> [FrameVector] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder = root.appendingPathComponent("Protocol/vectors/frames")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            $0.hasSuffix(".txt")
        }
        return try files.sorted().flatMap { name in
            try parse(String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8))
        }
    }

    static func parse(_ text: String) throws -> [FrameVector] {
        var vectors: [FrameVector] = []
        var pairs: [(String, String)] = []
        for line in (text + "\n").split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("#") { continue }
            if line.isEmpty {
                if !pairs.isEmpty { vectors.append(try FrameVector(pairs)) }
                pairs = []
            } else if line.hasPrefix(" "), let last = pairs.indices.last {
                pairs[last].1 += " " + line.trimmingCharacters(in: .whitespaces)
            } else {
                let parts = line.split(separator: ":", maxSplits: 1)
                try #require(parts.count == 2, "\(line)")
                pairs.append((String(parts[0]), parts[1].trimmingCharacters(in: .whitespaces)))
            }
        }
        return vectors
    }

    init(_ pairs: [(String, String)]) throws {
        for (key, value) in pairs {
            switch key {
            case "name": name = value
            case "profile": profile = value == "base" ? .base : .extended
            case "to": role = value == "server" ? .server : .client
            case "start": isStart = true
            case "opened": opened.append(value)
            case "call": call = value
            case "bytes": bytes = try #require(FrameScript.hex(value), "\(name)")
            case "means": means.append(value)
            case "answer": answer = try #require(FrameScript.hex(value), "\(name)")
            case "ends": ends = UInt32(value)
            default: Issue.record("unknown key \(key) in \(name)")
            }
        }
    }

    /// `shape SERVICE/METHOD [payload=HEX] [timeout=N] [metadata=K=V,…]`
    static func makeCall(_ text: String, on machine: ConnectionMachine, now: Int64) throws {
        let words = text.split(separator: " ")
        let shapes: [String: MethodShape] = [
            "unary": .unary, "server-stream": .serverStream, "client-stream": .clientStream,
            "bidirectional": .bidirectional,
        ]
        let shape = try #require(shapes[String(words[0])])
        let names = words[1].split(separator: "/").map(String.init)
        var payload: [UInt8] = []
        var timeout: Int64?
        var metadata: [MetadataEntry] = []
        for word in words.dropFirst(2) {
            let value = word.drop { $0 != "=" }.dropFirst()
            if word.hasPrefix("payload=") { payload = try #require(FrameScript.hex(value)) }
            if word.hasPrefix("timeout=") { timeout = Int64(value) }
            guard word.hasPrefix("metadata=") else { continue }
            metadata = value.split(separator: ",").map { pair in
                let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                    String.init)
                return MetadataEntry(key: parts[0], value: parts.count > 1 ? parts[1] : "")
            }
        }
        _ = try machine.openStream(
            MethodReference(service: names[0], method: names[1]), shape: shape, payload: payload,
            timeout: timeout,
            metadata: metadata, now: now)
    }
}

/// Actions in the words of the vectors.
private func words(_ action: Action, now: Int64) -> String? {
    switch action {
    case .opened(let id, let head, let payload):
        let kind =
            switch head.kind {
            case .unary: "unary"
            case .remoteClosed: "remote-closed"
            case .remoteOpen: "remote-open"
            }
        var text = "opened \(id) \(kind) \(head.service)/\(head.method)"
        if !payload.isEmpty { text += " payload=" + FrameScript.hex(payload) }
        if let deadline = head.deadline { text += " timeout=\(deadline - now)" }
        let pairs = head.metadata.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
        return text + (pairs.isEmpty ? "" : " metadata=" + pairs)
    case .message(let id, let bytes):
        return "message \(id)" + (bytes.isEmpty ? "" : " " + FrameScript.hex(bytes))
    case .requestsEnded(let id): return "requests-ended \(id)"
    case .cancelled(let id, let reason):
        let why: [CancelReason: String] = [
            .cancelledByPeer: "by peer", .deadlineExceeded: "deadline", .connectionLost: "lost",
            .serverStopping: "stopping",
        ]
        return "cancelled \(id) \(why[reason] ?? "?")"
    case .finished(let id, let status, let payload): return finished(id, status, payload)
    case .goingAway(let code, let text, let isFinal):
        return "going-away \(code) \(text)" + (isFinal ? " final" : "")
    case .helloReceived(let hello): return "hello " + helloWords(hello)
    case .ready(let id): return "ready \(id)"
    case .closed: return nil
    }
}

private func finished(_ id: UInt32, _ status: Status, _ payload: [UInt8]) -> String {
    var text = "finished \(id) \(status.code.name)"
    if !status.message.isEmpty { text += " text=" + status.message }
    if !payload.isEmpty { text += " payload=" + FrameScript.hex(payload) }
    for detail in status.details { text += " detail=\(detail.typeURL):" + FrameScript.hex(detail.value) }
    return text + (status.notProcessed ? " not-processed" : "")
}

private func helloWords(_ hello: Hello) -> String {
    var text = "versions=\(hello.minVersion)-\(hello.maxVersion)"
    if !hello.software.isEmpty { text += " software=\(hello.software)" }
    if hello.maxMessageBytes > 0 { text += " message=\(hello.maxMessageBytes)" }
    if hello.maxStreams > 0 { text += " streams=\(hello.maxStreams)" }
    if hello.initialCreditBytes > 0 { text += " credit=\(hello.initialCreditBytes)" }
    if hello.maxMetadataBytes > 0 {
        text += " metadata=\(hello.maxMetadataEntries)/\(hello.maxMetadataBytes)"
    }
    if hello.keepaliveIntervalMillis > 0 {
        text += " keepalive=\(hello.keepaliveIntervalMillis)/\(hello.keepaliveTimeoutMillis)"
    }
    if hello.idleTimeoutMillis > 0 { text += " idle=\(hello.idleTimeoutMillis)" }
    if hello.maxAgeMillis > 0 { text += " age=\(hello.maxAgeMillis)" }
    if hello.frameTimeoutMillis > 0 { text += " frame=\(hello.frameTimeoutMillis)" }
    if !hello.schemaFingerprint.isEmpty { text += " fingerprint=" + FrameScript.hex(hello.schemaFingerprint) }
    if hello.serverTime != 0 { text += " time=\(hello.serverTime)" }
    if hello.maxConnections > 0 { text += " connections=\(hello.maxConnections)" }
    if hello.maxHandshakes > 0 {
        text += " handshakes=\(hello.maxHandshakes)/\(hello.maxHandshakesPerAddress)"
        text += "/\(hello.handshakeTimeoutMillis)"
    }
    if !hello.checkpoint.isEmpty { text += " checkpoint=" + FrameScript.hex(hello.checkpoint) }
    return text
}

@Suite("Protocol/vectors/frames")
struct VectorTests {
    @Test("the files are there and were read")
    func loaded() throws {
        #expect(try FrameVector.load().count >= 60)
        #expect(Set(FrameVector.all.map(\.testDescription)).count == FrameVector.all.count)
    }

    @Test(
        "the receiver makes of the bytes what the vector says, whole and byte by byte",
        arguments: FrameVector.all)
    func receives(vector: FrameVector) throws {
        for piece in [Int.max, 1, 3] {
            let peer = ScriptedPeer(against: vector.role, vector.profile, isReady: !vector.isStart)
            for call in vector.opened { try FrameVector.makeCall(call, on: peer.machine, now: peer.now) }
            _ = peer.hears()
            let before = peer.history.count
            var rest = vector.bytes[...]
            while !rest.isEmpty {
                peer.says(Array(rest.prefix(piece)))
                rest = rest.dropFirst(piece)
            }
            #expect(peer.history.dropFirst(before).compactMap { words($0, now: peer.now) } == vector.means)
            check(vector, peer)
        }
    }

    private func check(_ vector: FrameVector, _ peer: ScriptedPeer) {
        var heard = peer.hears()
        if let ends = vector.ends {
            guard case .closed(.refused(let code, _))? = peer.history.last else {
                Issue.record("the connection goes on")
                return
            }
            #expect(code.rawValue == ends)
            if vector.profile == .extended { #expect(heard.popLast()?.goAwayCode?.rawValue == ends) }
        } else {
            #expect(!peer.machine.isClosed)
        }
        let answer = FrameScript.split(vector.answer).map { Heard(header: $0.header, body: $0.body) }
        #expect(heard.map(\.header) == answer.map(\.header))
        #expect(heard.map(\.body) == answer.map(\.body))
    }

    @Test("a client writes these bytes", arguments: FrameVector.all.filter { $0.call != nil })
    func writes(vector: FrameVector) throws {
        let peer = ScriptedPeer(against: .client, vector.profile)
        try FrameVector.makeCall(try #require(vector.call), on: peer.machine, now: peer.now)
        #expect(peer.machine.withOutput { [UInt8]($0) } == vector.bytes)
    }
}

@Suite("PROTOCOL.md 9.1 codes")
struct StatusTableTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Who says each code, by its number and name as the table has them.
    private func table() throws -> [String: String] {
        let page = try String(
            contentsOf: Self.root.appendingPathComponent("Protocol/PROTOCOL.md"), encoding: .utf8)
        let start = try #require(page.range(of: "### 9.1 Codes"))
        let end = try #require(page.range(of: "### 9.2 CommandAnswer"))
        let rows = page[start.upperBound..<end.lowerBound].split(separator: "\n").filter {
            $0.hasPrefix("| ")
        }
        return Dictionary(
            uniqueKeysWithValues: rows.dropFirst().map { row in
                let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
                return (cells[0], cells[1])
            })
    }

    /// The codes that the transport and the services hand to a status.
    private func said() throws -> Set<String> {
        var found: Set<String> = []
        for folder in ["Sources/RPC", "Sources/Bureau"] {
            let base = Self.root.appendingPathComponent(folder)
            for name in try FileManager.default.subpathsOfDirectory(atPath: base.path)
            where name.hasSuffix(".swift") {
                let text = try String(contentsOf: base.appendingPathComponent(name), encoding: .utf8)
                for match in text.matches(of: /[A-Za-z]\(\s*\.([a-zA-Z]+)/) { found.insert(String(match.1)) }
            }
        }
        return found
    }

    @Test("the table has every code, and says of exactly those that nobody says that nobody does")
    func rows() throws {
        let table = try table()
        let said = try said()
        #expect(table.count == StatusCode.allCases.count)
        for code in StatusCode.allCases where code != .ok {
            let by = try #require(table["\(code.rawValue) \(code.name)"], "\(code.name)")
            #expect((by == "nobody") == !said.contains("\(code)"), "\(code.name) is said by \(by)")
        }
    }
}

@Suite("PROTOCOL.md 9.3 details and reasons")
struct ReasonTableTests {
    @Test("the table has every reason the server says, once, and no other")
    func names() throws {
        let rows = try ReasonRow.table().map(\.reason)
        let said = Set(StatusReason.allCases.map(\.rawValue) + TransportReason.allCases.map(\.rawValue))
        #expect(rows.count == Set(rows).count)
        #expect(Set(rows) == said, "\(Set(rows).symmetricDifference(said))")
    }

    @Test("codes are of table 9.1, and of what may be tried again the page knows four words")
    func words() throws {
        let names = Set(StatusCode.allCases.map(\.name))
        for row in try ReasonRow.table() {
            #expect(!row.codes.isEmpty && Set(row.codes).isSubset(of: names), "\(row)")
            #expect(["later", "in time", "ask", "no"].contains(row.again), "\(row)")
        }
    }
}
