import Crypto
import Schema
import TestSupport
import Testing

@testable import Office

@Suite("PACKAGE.md 3 conditions: who signed, for whom, when")
struct PackageTrustTests {
    private func condition(_ body: () throws -> Void) -> String? {
        do { try body() } catch { return (error as? PackageFault)?.condition ?? "\(error)" }
        return nil
    }

    @Test("the signer is an officer of the sender, with a certificate of this city that was good then")
    func signers() throws {
        let sample = try PackageSample()
        func verdict(_ signer: TestCA.Holder) throws -> String? {
            let made = try sample.make(sample.items([9]), signer: signer)
            return condition { _ = try VerifiedPackage.verify(made.bytes, sample.trust()) }
        }
        #expect(try verdict(sample.unit) == nil)
        #expect(try verdict(sample.bureau) == "CERTIFICATE")
        #expect(try verdict(sample.ca.officer("twolists://421300/unit/LU-08/officer/u1")) == "CERTIFICATE")
        #expect(try verdict(sample.ca.server()) == "CERTIFICATE")
        #expect(try verdict(sample.ca.flawed(.expired)) == "CERTIFICATE")
        #expect(try verdict(PackageSample().unit) == "CERTIFICATE")
    }

    @Test("a revocation counts from its time on; of a stolen key, always")
    func revocation() throws {
        let sample = try PackageSample()
        var old = sample.draft()
        old.created = (sample.ca.now - 60) * 1_000_000_000
        let early = try sample.make(sample.items([9]), old)
        let late = try sample.make(sample.items([9]))
        try sample.ca.revoke(sample.unit, reason: .cessationOfOperation)
        #expect(condition { _ = try VerifiedPackage.verify(early.bytes, sample.trust()) } == nil)
        #expect(condition { _ = try VerifiedPackage.verify(late.bytes, sample.trust()) } == "CERTIFICATE")

        let other = try PackageSample()
        var before = other.draft()
        before.created = (other.ca.now - 60) * 1_000_000_000
        let stolen = try other.make(other.items([9]), before)
        try other.ca.revoke(other.unit, reason: .keyCompromise)
        #expect(condition { _ = try VerifiedPackage.verify(stolen.bytes, other.trust()) } == "CERTIFICATE")
    }

    @Test("it is good from its making to its end, and a clock may be an hour behind")
    func times() throws {
        let sample = try PackageSample()
        let made = try sample.make(sample.items([9]))
        let draft = sample.draft()
        let hour: Int64 = 3_600_000_000_000
        func verdict(_ time: Int64) -> String? {
            condition { _ = try VerifiedPackage.verify(made.bytes, sample.trust(at: time)) }
        }
        #expect(verdict(draft.created) == nil && verdict(draft.created - hour) == nil)
        #expect(verdict(draft.created - hour - 1) == "TIME")
        #expect(verdict(draft.expires - 1) == nil && verdict(draft.expires) == "TIME")
        var asked = try sample.trust(at: draft.expires)
        asked.takesExpired = true
        #expect(throws: Never.self) { try VerifiedPackage.verify(made.bytes, asked) }
        asked.now = draft.created - hour - 1
        #expect(condition { _ = try VerifiedPackage.verify(made.bytes, asked) } == "TIME")
        var long = draft
        long.expires = long.created + PackageLimits.validDays * ManifestForm.dayNanoseconds
        #expect(throws: Never.self) { try sample.make(sample.items([9]), long) }
        long.expires += 1
        #expect(condition { _ = try sample.make(sample.items([9]), long) } == "FORM")
    }

    @Test("only the party it is for opens it, by a certificate it is sealed to")
    func readers() throws {
        let sample = try PackageSample()
        let second = try sample.ca.officer("twolists://421300/bureau/421300/officer/b2")
        let made = try sample.make(
            sample.items([9]), readers: [sample.bureau.certificate, second.certificate])
        #expect(try sample.contents(made.bytes) == sample.items([9]))
        #expect(try sample.contents(made.bytes, second) == sample.items([9]))
        let third = try sample.ca.officer("twolists://421300/bureau/421300/officer/b3")
        #expect(condition { _ = try sample.contents(made.bytes, third) } == "READER")
        let verified = try VerifiedPackage.verify(made.bytes, sample.trust())
        #expect(
            condition {
                _ = try PackageContent(
                    verified, in: made.bytes, party: "county/421321",
                    certificate: sample.bureau.certificate, key: sample.bureau.key)
            } == "READER")
    }

    @Test("as many readers as the limit says, not one more")
    func readerLimit() throws {
        let sample = try PackageSample()
        var readers = [sample.bureau.certificate]
        while readers.count < CMSEnvelope.recipientLimit {
            readers.append(
                try sample.ca.officer("twolists://421300/bureau/421300/officer/r\(readers.count)").certificate
            )
        }
        let made = try sample.make(sample.items([9]), readers: readers)
        #expect(try sample.contents(made.bytes) == sample.items([9]))
        readers.append(sample.unit.certificate)
        #expect(throws: PackageFault.self) { try sample.make(sample.items([9]), readers: readers) }
        #expect(throws: PackageFault.self) { try sample.make(sample.items([9]), readers: []) }
    }

    @Test("content has one head, first, and only items that are known")
    func content() throws {
        let sample = try PackageSample()
        let (head, part) = (sample.items([]), Array(sample.items([3]).dropFirst()))
        for wrong in [part, part + head, head + head, head + [PackageItem()]] {
            let made = try sample.make(wrong)
            #expect(condition { _ = try sample.contents(made.bytes) } == "CONTENT")
        }
    }
}
