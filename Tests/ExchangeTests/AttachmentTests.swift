import Schema
import Testing

@testable import Exchange

extension Samples {
    /// A scan; other numbers are other files.
    static func attach(
        _ number: UInt8 = 1, _ name: String = "扫描件.pdf", kind: String = ""
    ) -> Command.OneOf_Body {
        .attachEvidence(evidence(number, name, kind: kind))
    }

    static func evidence(_ number: UInt8 = 1, _ name: String = "扫描件.pdf", kind: String = "") -> AttachEvidence
    {
        AttachEvidence(
            attachment: [UInt8](repeating: number, count: 16), sha256: [UInt8](repeating: number, count: 32),
            bytes: 1_000, type: .pdf, fileName: name, kind: kind,
            manifest: [UInt8](repeating: number, count: 32))
    }
}

@Suite("ATTACHMENT.md 1 and 2: what may be attached, by whom, to what")
struct AttachmentTests {
    private func refusal(_ change: (inout AttachEvidence) -> Void) throws -> Rejection? {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .submitted)
        var evidence = Samples.evidence()
        change(&evidence)
        return desk.refusal(.attachEvidence(evidence), by: "u7l1", on: target)
    }

    @Test func eachFieldAtItsLimitAndBeyond() throws {
        let most = AttachmentLimits.bytes
        #expect(most == 20 << 20 && AttachmentLimits.ofMatter == 20)
        #expect(try refusal { $0.bytes = 1 } == nil)
        #expect(try refusal { $0.bytes = 0 } == .missing("bytes"))
        #expect(try refusal { $0.bytes = most } == nil)
        #expect(try refusal { $0.bytes = most + 1 } == .tooMuch("bytes", "too-long", max: Int(most)))
        let long = String(repeating: "字", count: AttachmentLimits.nameCharacters - 4)
        #expect(try refusal { $0.fileName = long + ".pdf" } == nil)
        #expect(
            try refusal { $0.fileName = "字" + long + ".pdf" }
                == .tooMuch("file_name", "too-long", max: AttachmentLimits.nameCharacters))
        for name in ["", " "] { #expect(try refusal { $0.fileName = name } == .missing("file_name")) }
        for name in ["../a.pdf", "a\\b.pdf"] {
            #expect(try refusal { $0.fileName = name } == .invalid("file_name", "malformed"), "\(name)")
        }
        #expect(try refusal { $0.fileName = "a\u{7}.pdf" } == .invalid("file_name", "control-character"))
        for count in [0, 15, 17] {
            let id = [UInt8](repeating: 5, count: count)
            #expect(try refusal { $0.attachment = id } == .invalid("attachment", "malformed"))
        }
        for count in [0, 31, 33] {
            let digest = [UInt8](repeating: 5, count: count)
            #expect(try refusal { $0.sha256 = digest } == .invalid("sha256", "malformed"))
            #expect(try refusal { $0.manifest = digest } == .invalid("manifest", "malformed"))
        }
        #expect(try refusal { $0.type = .unspecified } == .invalid("type", "unspecified"))
        #expect(try refusal { $0.type = .unrecognized(9) } == .invalid("type", "unspecified"))
        #expect(try refusal { $0.type = .png } == .invalid("type", "mismatch"))
        for name in ["a.exe", "pdf", ".pdf", "a.pdf.exe"] {
            #expect(try refusal { $0.fileName = name } == .invalid("type", "mismatch"), "\(name)")
        }
        #expect(try refusal { $0.kind = "resume" } == .invalid("kind", "not-yet-offered"))
    }

    @Test func twentyAndNoTwentyFirstAndNothingTwice() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .submitted)
        let other = try desk.request(in: .submitted)
        try desk.run(Samples.attach(1), by: "u7l1", on: target)
        #expect(desk.refusal(Samples.attach(1), by: "u7l1", on: other) == .invalid("attachment", "repeated"))
        var same = Samples.evidence(2)
        same.sha256 = Samples.evidence(1).sha256
        #expect(
            desk.refusal(.attachEvidence(same), by: "u7l1", on: target) == .invalid("sha256", "repeated"))
        #expect(desk.refusal(.attachEvidence(same), by: "u7l1", on: other) == nil)
        for number in 2...UInt8(AttachmentLimits.ofMatter) {
            try desk.run(Samples.attach(number), by: "u7l1", on: target)
        }
        #expect(
            desk.refusal(Samples.attach(99), by: "u7l1", on: target)
                == .tooMuch("attachment", "too-many", max: AttachmentLimits.ofMatter))
        #expect(desk.refusal(Samples.attach(99), by: "u7l1", on: other) == nil)
    }

    @Test func anIdIsAnUploadOfOneThing() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .submitted)
        var evidence = Samples.evidence()
        evidence.attachment = target.bytes
        #expect(
            desk.refusal(.attachEvidence(evidence), by: "u7l1", on: target)
                == .invalid("attachment", "repeated"))
        try desk.run(Samples.attach(7), by: "u7l1", on: target)
        let id = try #require(EntityID([UInt8](repeating: 7, count: 16)))
        #expect(
            desk.refusal(.submitRequest(Samples.submitUnit), by: "u7l1", on: id)?.refusal == .alreadyExists)
    }

    @Test func ofACaseTheKindIsSaid() throws {
        var desk = try Desk.seeded()
        let target = try desk.placementCase(in: .filed, for: .reviewCase)
        #expect(desk.refusal(Samples.attach(kind: "resume"), by: "u7l1", on: target) == nil)
        #expect(desk.refusal(Samples.attach(), by: "u7l1", on: target) == .missing("kind"))
        #expect(
            desk.refusal(Samples.attach(kind: "none"), by: "u7l1", on: target)
                == .unknownCode("kind", "none", list: "material"))
    }

    /// As long as somebody may still look at it to decide something.
    @Test func inEveryStateThatIsNotOver() throws {
        for state in SupportRequest.State.allCases {
            var desk = try Desk.seeded()
            try desk.fileOriginal()
            let target = try desk.request(in: state)
            let refusal = desk.refusal(Samples.attach(), by: "u7l1", on: target)?.refusal
            #expect(refusal == (state.isOver ? .wrongState : nil), "\(state)")
        }
        for state in PlacementCase.State.allCases {
            var desk = try Desk.seeded()
            let target = try desk.placementCase(in: state, for: .reviewCase)
            let refusal = desk.refusal(Samples.attach(kind: "resume"), by: "u7l1", on: target)?.refusal
            #expect(refusal == (state == .closed || state == .withdrawn ? .wrongState : nil), "\(state)")
        }
    }

    @Test func itMovesTheVersionAndNoState() throws {
        var desk = try Desk.seeded()
        let target = try desk.request(in: .inProgress)
        let before = try #require(desk.request(target))
        try desk.run(Samples.attach(), by: "k7f2", on: target)
        let after = try #require(desk.request(target))
        #expect(after.state == before.state && after.version == before.version + 1)
        let viewer = try #require(desk.viewer("u7l1"))
        let matter = try #require(desk.state.matter(target, for: viewer))
        let view = try #require(desk.state.requestView(matter, for: viewer)?.attachments.first)
        #expect(view.name == "扫描件.pdf" && view.party == "county/421321" && view.bytes == 1_000)
    }

    @Test func typesByNameAndByFirstBytes() {
        let names: [(String, AttachmentType?)] = [
            ("a.pdf", .pdf), ("户口簿.PDF", .pdf), ("a.jpg", .jpeg), ("a.JPEG", .jpeg), ("a.png", .png),
            ("a.tif", .tiff), ("a.tiff", .tiff), ("a.gif", nil), ("pdf", nil), (".pdf", nil), ("a.pdf ", nil),
            ("a", nil), ("", nil), ("a.", nil),
        ]
        for (name, type) in names { #expect(AttachmentForm.byName(name) == type, "\(name)") }
        let contents: [([UInt8], AttachmentType?)] = [
            (Array("%PDF-1.4".utf8), .pdf), (Array("%PDF".utf8), nil), ([0xFF, 0xD8, 0xFF, 0xE0], .jpeg),
            ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], .png),
            ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A], nil), ([0x49, 0x49, 0x2A, 0x00], .tiff),
            ([0x4D, 0x4D, 0x00, 0x2A], .tiff), ([0x49, 0x49, 0x00, 0x2A], nil), (Array("MZ".utf8), nil),
            ([], nil), (Array(" %PDF-1.4".utf8), nil),
        ]
        for (bytes, type) in contents { #expect(AttachmentForm.byContent(bytes) == type, "\(bytes)") }
    }
}
