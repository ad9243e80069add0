import Schema
import TestSupport
import Testing
import Wire

@Suite("DESIGN.md 4: the schema's messages")
struct SchemaTests {
    @Test("every message and event decodes what it encodes, empty ones to nothing")
    func empty() {
        func check<M: Message>(_ type: M.Type) {
            #expect(M().encoded().isEmpty, "\(M.protoName)")
            #expect((try? M(decoding: [UInt8]())) == M(), "\(M.protoName)")
        }
        for type in SchemaCatalogue.messages { check(type) }
        #expect(SchemaCatalogue.messages.count > 50)
    }

    @Test("PROTOCOL.md 6: the schema has a fingerprint that fits into HELLO")
    func fingerprint() {
        #expect(SchemaCatalogue.fingerprint.count == 16)
        #expect(Hello(schemaFingerprint: SchemaCatalogue.fingerprint).excess == nil)
    }

    @Test("random bytes never trap and never break a message's rules")
    func randomBytes() {
        let seed: UInt64 = 42
        var random = SplitMix64(seed: seed)
        for round in 0..<300 {
            // Small numbers make more tags that mean something.
            let bytes = random.bytes(Int.random(in: 0...40, using: &random)).map {
                $0 & (round % 2 == 0 ? 0x3f : 0xff)
            }
            let broken = decodeEverything(bytes, as: SchemaCatalogue.messages)
            #expect(broken == nil, "seed \(seed) round \(round) \(broken?.protoName ?? "")")
        }
    }

    @Test("fields stand in order, with no number twice")
    func fields() {
        for type in SchemaCatalogue.messages {
            let numbers = type.protoFields.map(\.number)
            #expect(numbers == Set(numbers).sorted(), "\(type.protoName)")
        }
    }

    @Test("events refuse what they do not know; commands and views keep it")
    func unknownFields() {
        for type in SchemaCatalogue.messages {
            let isEvent = type.protoName.hasPrefix("twolists.event.v1.")
            #expect(type.unknownFieldPolicy == (isEvent ? .refuse : .keep), "\(type.protoName)")
        }
    }

    @Test("every personal field of an event is bytes on the wire")
    func personalFields() {
        for type in SchemaCatalogue.messages where type.protoName.hasPrefix("twolists.event.v1.") {
            for field in type.protoFields where field.isPersonal {
                guard case .bytes = field.kind else {
                    Issue.record("\(type.protoName).\(field.name)")
                    continue
                }
            }
        }
    }
}
