import TestSupport
import Testing

@testable import Crypto

@Suite("DESIGN.md 6 identity URI")
struct IdentityTests {
    @Test("every form is read and written alike")
    func forms() throws {
        for text in [
            "twolists://421300/server", "twolists://421300/journal",
            "twolists://421300/bureau/421300/officer/b1a1", "twolists://421300/county/421321/officer/k7f2",
            "twolists://421300/unit/LU-07/officer/u7l1",
            "twolists://421300/department/421300-EDU/officer/d5e1",
        ] {
            #expect(try IdentityURI(text).description == text)
        }
        let unit = try IdentityURI("twolists://421300/unit/LU-07/officer/u7l1")
        #expect(unit.city == "421300")
        #expect(unit.holder == .officer(kind: .unit, party: "LU-07", id: "u7l1"))
        #expect(try IdentityURI(city: unit.city, holder: unit.holder) == unit)
    }

    @Test(
        "what is not exactly one of the forms is refused",
        arguments: [
            "", "twolists://", "twolists:///server", "http://421300/server", "TWOLISTS://421300/server",
            "twolists://42130/server", "twolists://4213000/server", "twolists://42130a/server",
            "twolists://421300/server/", "twolists://421300//server", "twolists://421300/Server",
            "twolists://421300/county/421321/officer/", "twolists://421300/county//officer/k7f2",
            "twolists://421300/county/421321/clerk/k7f2", "twolists://421300/party/421321/officer/k7f2",
            "twolists://421300/county/421321/officer/k7f2/x", "twolists://421300/county/421321/officer/k7%66",
            "twolists://421300/county/421321/officer/k_f", "twolists://421300/county/421321/officer/k7f2\0",
            "twolists://421300/county/421321/officer/ké", "twolists://421300/county/421321/officer/..",
            "twolists://421300:7443/server", "twolists://a@421300/server", "twolists://421300/server?x",
            "twolists://421300/server#x", " twolists://421300/server", "twolists://421300/server\n",
            "twolists://４２１３００/server",
        ])
    func refused(text: String) {
        #expect(throws: CryptoError.self) { try IdentityURI(text) }
    }

    @Test("a slash in a part cannot make another identity")
    func slash() {
        #expect(throws: CryptoError.self) { try IdentityURI(city: "421300/server", holder: .server) }
        #expect(throws: CryptoError.self) {
            try IdentityURI(city: "421300", holder: .officer(kind: .county, party: "421321/officer", id: "x"))
        }
    }

    @Test("lengths at the limits and one beyond")
    func limits() throws {
        let most = String(repeating: "a", count: IdentityURI.componentLimit)
        #expect(throws: Never.self) {
            try IdentityURI(city: "421300", holder: .officer(kind: .department, party: most, id: most))
        }
        #expect(throws: CryptoError.self) {
            try IdentityURI(city: "421300", holder: .officer(kind: .unit, party: most + "a", id: "x"))
        }
        let long = [UInt8](("twolists://421300/" + String(repeating: "a", count: 300)).utf8)
        #expect(
            throws: CryptoError.malformed(
                what: "identity URI", reason: "a component of more than \(IdentityURI.componentLimit) bytes")
        ) { try IdentityURI(bytes: Array(long.prefix(IdentityURI.lengthLimit))) }
        #expect(throws: CryptoError.tooLong(what: "identity URI", limit: 255, found: 256)) {
            try IdentityURI(bytes: Array(long.prefix(IdentityURI.lengthLimit + 1)))
        }
    }

    @Test("random changes of a good URI are refused or are another, never a second spelling")
    func oneSpelling() throws {
        var random = SplitMix64(seed: 31)
        let good = [UInt8](TestCA.officerURI.utf8)
        for _ in 0..<2000 {
            var bytes = good
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            if let read = try? IdentityURI(bytes: bytes) { #expect(read.bytes == bytes) }
        }
    }
}

@Suite("UTC text of CertificateAuthority.swift's index")
struct UTCTimeTests {
    @Test("known times, and every text back")
    func known() {
        #expect(UTCTime.text(0) == "1970-01-01T00:00:00Z")
        #expect(UTCTime.text(1_795_477_788) == "2026-11-23T23:49:48Z")
        #expect(UTCTime.seconds("2024-02-29T12:00:00Z") == 1_709_208_000)
        for second in stride(from: Int64(0), to: 4_000_000_000, by: 86_413 * 97) {
            #expect(UTCTime.seconds(UTCTime.text(second)) == second)
        }
    }

    @Test(
        "other text is refused",
        arguments: [
            "", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00",
        ])
    func refused(text: String) { #expect(UTCTime.seconds(text) == nil) }
}
